"""S3 with the AWS CLI and boto3's transfers: `mb`, `cp`, `ls`, `sync`, `presign`, `rm`, `rb`; what survives; Terraform."""

import json
import random
import subprocess
from pathlib import Path

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from support.terraform import Module

pytestmark = pytest.mark.e2e

MIB = 1024 * 1024
LARGE = random.Random(1).randbytes(20 * MIB)
MODULE = Path(__file__).parent / "s3.tf"


class AwsCli:
    """`aws …` as somebody would type it; `host` is what stands in the endpoint URL."""

    def __init__(self, gateway, folder, host):
        self._folder = folder
        self._endpoint = f"http://{host}:{gateway.control_port}"
        self._environment = gateway.environment

    def __call__(self, *arguments, codes=(0,), config=None):
        command = ["aws", "--endpoint-url", self._endpoint, "--cli-read-timeout", "30", *arguments]
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment | ({"AWS_CONFIG_FILE": str(config)} if config else {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode in codes, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def cli(gateway, tmp_path_factory):
    # The CLI writes the bucket into the host wherever the host is a name.
    return AwsCli(gateway, tmp_path_factory.mktemp("cli"), "localhost")


def test_buckets_and_files_go_to_and_fro(cli, tmp_path):
    for name, content in (("small.txt", b"hello\n"), ("large.bin", LARGE)):
        (tmp_path / name).write_bytes(content)
        (tmp_path / "back").unlink(missing_ok=True)
        if name == "small.txt":
            assert "make_bucket: files\n" == cli("s3", "mb", "s3://files")
        cli("s3", "cp", "--no-progress", str(tmp_path / name), f"s3://files/folder/{name}")
        cli("s3", "cp", "--no-progress", f"s3://files/folder/{name}", str(tmp_path / "back"))
        assert content == (tmp_path / "back").read_bytes()
    # Files above 8 MB are sent in parts, of which the entity tag tells the number.
    kept = json.loads(cli("s3api", "head-object", "--bucket", "files", "--key", "folder/large.bin"))
    assert (len(LARGE), "-3") == (kept["ContentLength"], kept["ETag"].strip('"')[32:])
    assert "PRE folder/" in cli("s3", "ls", "s3://files")
    listed = [line.split()[2:] for line in cli("s3", "ls", "s3://files/folder/").splitlines()]
    assert [[str(len(LARGE)), "large.bin"], ["6", "small.txt"]] == listed
    cli("s3", "cp", "--no-progress", "s3://files/folder/large.bin", "s3://files/a copy of it")
    cli("s3", "rb", "--force", "s3://files")
    assert "files" not in cli("s3", "ls")


def test_an_address_has_the_bucket_in_the_path(gateway, cli, tmp_path):
    by_path = AwsCli(gateway, tmp_path, "127.0.0.1")
    (tmp_path / "f").write_text("the same")
    by_path("s3", "mb", "s3://in-path")
    by_path("s3", "cp", "--no-progress", "f", "s3://in-path/f")
    assert "the same" == cli("s3", "cp", "--no-progress", "s3://in-path/f", "-")


def test_a_folder_is_synchronized_both_ways(cli, tmp_path):
    (here := tmp_path / "here").mkdir()
    (here / "über & more").mkdir()
    for name in ("a.txt", "b+c.txt", "über & more/d e.txt"):
        (here / name).write_text(name)
    cli("s3", "mb", "s3://synced")
    cli("s3", "sync", "--no-progress", str(here), "s3://synced/into")
    assert "" == cli("s3", "sync", "--no-progress", str(here), "s3://synced/into")
    (here / "a.txt").unlink()
    cli("s3", "sync", "--no-progress", "--delete", str(here), "s3://synced/into")
    cli("s3", "sync", "--no-progress", "s3://synced/into", str(tmp_path / "back"))
    back = {str(file.relative_to(tmp_path / "back")): file.read_text() for file in (tmp_path / "back").rglob("*.txt")}
    assert {name: name for name in ("b+c.txt", "über & more/d e.txt")} == back
    cli("s3", "rm", "--recursive", "s3://synced")
    assert "" == cli("s3", "ls", "--recursive", "s3://synced", codes=(0, 1))


def test_a_presigned_url_opens_for_anybody_who_has_it(cli, tmp_path):
    def fetch(url, *options):
        return subprocess.run(
            ["curl", "-s", "-w", "\n%{http_code}", *options, url],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout

    (tmp_path / "f").write_text("for you")
    cli("s3", "mb", "s3://presigned")
    cli("s3", "cp", "--no-progress", str(tmp_path / "f"), "s3://presigned/a file")
    url = cli("s3", "presign", "s3://presigned/a file").strip()
    assert "for you\n200" == fetch(url)
    assert "for y\n206" == fetch(url, "-H", "Range: bytes=0-4")
    assert "SignatureDoesNotMatch" in fetch(url.replace("a%20file", "another"))
    assert fetch(url, "-X", "DELETE").endswith("\n403")
    # Which signature it writes is a setting of the CLI's.
    (tmp_path / "config").write_text("[default]\ns3 =\n  signature_version = s3v4\n")
    newer = cli("s3", "presign", "s3://presigned/a file", config=tmp_path / "config").strip()
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in newer
    assert "for you\n200" == fetch(newer)


def test_boto3_transfers_in_parallel_parts(gateway, tmp_path):
    key, secret = gateway.credentials
    s3 = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=gateway.endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
    s3.create_bucket(Bucket="transfers")
    parts = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=5 * MIB, max_concurrency=4)
    (tmp_path / "large").write_bytes(LARGE)
    s3.upload_file(str(tmp_path / "large"), "transfers", "k", Config=parts, ExtraArgs={"ChecksumAlgorithm": "SHA256"})
    head = s3.head_object(Bucket="transfers", Key="k", ChecksumMode="ENABLED")
    assert ("COMPOSITE", "-4") == (head["ChecksumType"], head["ChecksumSHA256"][-2:])
    s3.download_file("transfers", "k", str(tmp_path / "back"), Config=parts)
    assert (tmp_path / "back").read_bytes() == LARGE
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="transfers")


def test_versions_survive_kill_9_of_everything(unstarted, tmp_path):
    unstarted.start()
    aws = AwsCli(unstarted, tmp_path, "localhost")
    aws("s3", "mb", "s3://kept")
    aws("s3api", "put-bucket-versioning", "--bucket", "kept", "--versioning-configuration", "Status=Enabled")
    s3 = unstarted.client("s3")
    made = [s3.put_object(Bucket="kept", Key="k", Body=body)["VersionId"] for body in (b"1", LARGE[: 9 * MIB], b"3")]
    upload = s3.create_multipart_upload(Bucket="kept", Key="in-parts")["UploadId"]
    where = {"Bucket": "kept", "Key": "in-parts", "UploadId": upload}
    first = s3.upload_part(**where, PartNumber=1, Body=LARGE[: 5 * MIB])["ETag"]
    hidden = s3.delete_object(Bucket="kept", Key="k")["VersionId"]
    unstarted.kill_tree()

    unstarted.start()
    s3 = unstarted.client("s3")
    assert "Enabled" == s3.get_bucket_versioning(Bucket="kept")["Status"]
    listed = s3.list_object_versions(Bucket="kept")
    assert list(reversed(made)) == [version["VersionId"] for version in listed["Versions"]]
    assert [(hidden, True)] == [(marker["VersionId"], marker["IsLatest"]) for marker in listed["DeleteMarkers"]]
    bodies = [s3.get_object(Bucket="kept", Key="k", VersionId=version)["Body"].read() for version in made]
    assert [b"1", LARGE[: 9 * MIB], b"3"] == bodies
    second = s3.upload_part(**where, PartNumber=2, Body=b"the end")["ETag"]
    parts = [{"PartNumber": number, "ETag": etag} for number, etag in ((1, first), (2, second))]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    assert LARGE[: 5 * MIB] + b"the end" == s3.get_object(Bucket="kept", Key="in-parts")["Body"].read()


def test_terraform_finds_what_it_applied(gateway, terraform_plugins, tmp_path):
    (tmp_path / "file").write_text("one")
    module = Module(tmp_path / "module", MODULE.read_text(), gateway, terraform_plugins, file=tmp_path / "file")
    s3 = gateway.client("s3")

    module.apply()
    (tmp_path / "file").write_text("two")
    module.change('team = "pets"', 'team = "cats"')
    module.apply()
    assert "" == module.plan()
    versions = s3.list_object_versions(Bucket="of-terraform", Prefix="a file")["Versions"]
    assert [versions[0]["VersionId"], 2] == [module.outputs()["version"], len(versions)]
    assert b"two" == s3.get_object(Bucket="of-terraform", Key="a file")["Body"].read()

    module.destroy()
    assert "of-terraform" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
