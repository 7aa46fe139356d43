"""Fixtures of ACM PCA's tests: private CAs made through botocore's client; OpenSSL judges what they issue."""

import subprocess
import time
from types import SimpleNamespace

import pytest

SIGNING = {"RSA": "SHA256WITHRSA", "EC": "SHA256WITHECDSA"}
TEMPLATE = "arn:aws:acm-pca:::template/{}/V1"


class Authorities:
    """What every test does with private CAs, a line each."""

    def __init__(self, client) -> None:
        self.client = client

    def create(self, name="Root", kind="ROOT", key="EC_prime256v1", **more) -> str:
        configuration = {
            "KeyAlgorithm": key,
            "SigningAlgorithm": SIGNING[key.partition("_")[0]],
            "Subject": {"Country": "AT", "Organization": "Example", "CommonName": name},
            **more.pop("configuration", {}),
        }
        return self.client.create_certificate_authority(
            CertificateAuthorityConfiguration=configuration, CertificateAuthorityType=kind, **more
        )["CertificateAuthorityArn"]

    def describe(self, arn) -> dict:
        return self.client.describe_certificate_authority(CertificateAuthorityArn=arn)["CertificateAuthority"]

    def csr(self, arn) -> bytes:
        return self.client.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()

    def issue(self, arn, csr, template=None, days=30, signing=None, **more) -> str:
        algorithm = self.describe(arn)["CertificateAuthorityConfiguration"]["SigningAlgorithm"]
        more.setdefault("Validity", {"Type": "DAYS", "Value": days})
        if template:
            more["TemplateArn"] = TEMPLATE.format(template)
        return self.client.issue_certificate(
            CertificateAuthorityArn=arn, Csr=csr, SigningAlgorithm=signing or algorithm, **more
        )["CertificateArn"]

    def get(self, certificate_arn) -> SimpleNamespace:
        answer = self.client.get_certificate(
            CertificateAuthorityArn=certificate_arn.partition("/certificate/")[0], CertificateArn=certificate_arn
        )
        return SimpleNamespace(pem=answer["Certificate"], chain=answer.get("CertificateChain"))

    def install(self, arn, parent=None, template=None, days=300) -> str:
        """The CA has its certificate, from itself or from its parent; gives that."""
        template = template or ("SubordinateCACertificate_PathLen0" if parent else "RootCACertificate")
        issued = self.get(self.issue(parent or arn, self.csr(arn), template, days))
        more = {"CertificateChain": issued.chain} if issued.chain else {}
        self.client.import_certificate_authority_certificate(
            CertificateAuthorityArn=arn, Certificate=issued.pem, **more
        )
        return issued.pem

    def root(self, days=300, **more) -> str:
        arn = self.create(**more)
        self.install(arn, days=days)
        return arn

    def subordinate(self, parent, template=None, days=200, **more) -> str:
        arn = self.create("Subordinate", "SUBORDINATE", **more)
        self.install(arn, parent, template, days)
        return arn


@pytest.fixture
def harness(harness):
    harness.now = float(int(time.time()))
    return harness


@pytest.fixture
def client(harness):
    return harness.client("acm-pca")


@pytest.fixture
def authorities(client):
    return Authorities(client)


@pytest.fixture
def refused():
    """Makes a call that must fail and gives its code and message."""

    def refused(call, *arguments, **parameters):
        with pytest.raises(Exception, match=r"\(\w+\) when calling") as caught:
            call(*arguments, **parameters)
        answer = caught.value.response
        assert 400 == answer["ResponseMetadata"]["HTTPStatusCode"]
        return SimpleNamespace(code=answer["Error"]["Code"], message=answer["Error"]["Message"])

    return refused


@pytest.fixture(scope="session")
def make_csr(tmp_path_factory):
    """A request of OpenSSL's own making, in PEM; `extensions` are lines such as `subjectAltName=DNS:a.example`."""
    folder = tmp_path_factory.mktemp("csr")

    def make_csr(subject="/CN=www.example.com", *extensions, key="ec", name="leaf") -> bytes:
        kind = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] if key == "ec" else [key]
        added = [word for line in extensions for word in ("-addext", line)]
        subprocess.run(
            ["openssl", "req", "-new", "-newkey", *kind, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
             "-subj", subject, *added],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        return (folder / f"{name}.csr").read_bytes()

    make_csr.folder = folder
    return make_csr


@pytest.fixture
def openssl(tmp_path):
    """OpenSSL on certificates that are given as PEM."""

    def write(name, pem):
        (tmp_path / name).write_text(pem)
        return name

    def run(*arguments, text=None):
        done = subprocess.run(
            ["openssl", *arguments], cwd=tmp_path, input=text, capture_output=True, text=True, check=False
        )
        return SimpleNamespace(ok=done.returncode == 0, said=done.stdout + done.stderr)

    def verify(leaf, *, root, chain="", options=("-x509_strict",)):
        """The verdict of `openssl verify`, in its strict mode unless other options are given."""
        files = ["-CAfile", write("root.pem", root)]
        if chain:
            files += ["-untrusted", write("chain.pem", chain)]
        return run("verify", *options, *files, write("leaf.pem", leaf))

    def show(pem, *options):
        """Lines of `openssl x509`."""
        return run("x509", "-noout", *options, text=pem).said.strip()

    return SimpleNamespace(run=run, verify=verify, show=show, write=write)
