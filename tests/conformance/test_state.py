"""What survives: acknowledged changes after `kill -9` of everything, no half of any other; and what never lies in the open."""

import base64
import itertools
import json
import os
import re
import signal
import threading

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.apis import ApiBuilder, certificate_arns, create_domain, import_certificate
from support.ca import key_to_pem
from support.gateway import Gateway
from support.https import ask, trust

pytestmark = pytest.mark.e2e

VERBS = ("GET", "POST", "PUT")


class Changes(threading.Thread):
    """One client that changes things until the gateway is gone. `acknowledged` holds what it was told is done."""

    def __init__(self, gateway, name, leaf):
        super().__init__()
        self._apigateway, self._acm = gateway.client("apigateway"), gateway.client("acm")
        self._name = name
        self._leaf = leaf
        self.apis: dict[str, dict] = {}  # API id → what was acknowledged of it
        self.deleted: set[str] = set()
        self.uncertain: set[str] = set()  # a deletion whose answer was not heard
        self.certificates: set[str] = set()
        self.count = 0

    def run(self):
        try:
            for number in itertools.count():
                self._round(number)
        except (BotoCoreError, ClientError) as error:
            self.ended_by = error

    def _round(self, number):
        client = self._apigateway
        made = client.create_rest_api(name=f"{self._name}-{number}", tags={"number": str(number)})
        known = self.apis[made["id"]] = {"name": made["name"], "number": str(number), "paths": {"/"}, "methods": set()}
        self.count += 1
        root = made["rootResourceId"]
        for part in ("a", "b"):
            resource = client.create_resource(restApiId=made["id"], parentId=root, pathPart=part)["id"]
            known["paths"].add(f"/{part}")
            for verb in VERBS:
                client.put_method(restApiId=made["id"], resourceId=resource, httpMethod=verb, authorizationType="NONE")
                known["methods"].add((f"/{part}", verb))
                self.count += 1
        self.certificates.add(import_certificate(self._acm, self._leaf))
        self.count += 2
        if number % 2:
            self.uncertain.add(made["id"])
            client.delete_rest_api(restApiId=made["id"])
            self.uncertain.remove(made["id"])
            del self.apis[made["id"]]
            self.deleted.add(made["id"])
            self.count += 1


def all_of(client, operation, member, **arguments):
    return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page.get(member, [])]


def test_after_kill_9_every_acknowledged_change_is_there_and_no_half_of_any_other(unstarted, authority):
    leaf = authority.issue("kept.example")
    known: list[Changes] = []
    for whom in ("tree", "control", "tree"):  # each time on what the last kill left
        if not unstarted.is_running:
            unstarted.start()
        running = [Changes(unstarted, f"client-{len(known) + number}", leaf) for number in range(2)]
        known += running
        for changes in running:
            changes.start()
        unstarted.wait_for(lambda running=running: all(changes.count > 25 for changes in running))
        if whom == "tree":
            unstarted.kill_tree()
        else:
            os.kill(unstarted.processes()["control"], signal.SIGKILL)
        for changes in running:
            changes.join()

    unstarted.start()
    check_nothing_is_lost_or_halved(unstarted, known)
    unstarted.stop()


def check_nothing_is_lost_or_halved(gateway, known):
    client = gateway.client("apigateway")
    found = {api["id"]: api for api in all_of(client, "get_rest_apis", "items")}
    acknowledged = {api_id: api for changes in known for api_id, api in changes.apis.items()}
    uncertain = {api_id for changes in known for api_id in changes.uncertain}
    assert set() == (acknowledged.keys() - uncertain) - found.keys()
    assert set() == found.keys() & {api_id for changes in known for api_id in changes.deleted}
    # Beyond what was acknowledged there is at most the one change of each client whose answer was not heard.
    assert len(found.keys() - acknowledged.keys()) <= len(known)
    for api_id, api in found.items():
        expected = acknowledged.get(api_id, {"name": api["name"], "paths": {"/"}, "methods": set()})
        resources = all_of(client, "get_resources", "items", restApiId=api_id, embed=["methods"])
        paths = {resource["path"] for resource in resources}
        methods = {(resource["path"], verb) for resource in resources for verb in resource.get("resourceMethods", {})}
        assert expected["name"] == api["name"]
        assert {"number": api["name"].rpartition("-")[2]} == api["tags"]
        assert expected["paths"] <= paths
        assert expected["methods"] <= methods
        assert len(paths) + len(methods) <= len(expected["paths"]) + len(expected["methods"]) + 1
        # An API is born whole: with its root and the two models that every API has.
        assert "/" in paths
        assert {"Empty", "Error"} == {
            model["name"] for model in all_of(client, "get_models", "items", restApiId=api_id)
        }
    for api_id in {api_id for changes in known for api_id in changes.deleted}:
        for operation in (client.get_resources, client.get_models, client.get_stages):
            with pytest.raises(ClientError, match="Invalid API identifier"):
                operation(restApiId=api_id)
    arns = set(certificate_arns(gateway.client("acm")))
    imported = {arn for changes in known for arn in changes.certificates}
    assert imported <= arns
    assert len(arns) <= len(imported) + len(known)


def test_a_certificate_and_its_key_are_there_together_after_a_kill(unstarted, authority):
    """Re-imports under fire: whichever certificate is served afterwards, its key fits, else no handshake succeeds."""
    unstarted.start()
    name = "fire.example"
    acm = unstarted.client("acm")
    arn = import_certificate(acm, authority.issue(name))
    api = ApiBuilder(unstarted.client("apigateway"))
    api.mock("/health")
    api.deploy("dev")
    create_domain(unstarted.client("apigateway"), name, arn, api.id, stage="dev")
    imported = []

    def reimport():
        try:
            while True:
                leaf = authority.issue(name)
                imported.append(leaf.der)
                import_certificate(acm, leaf, CertificateArn=arn)
        except (BotoCoreError, ClientError):
            return

    changing = threading.Thread(target=reimport)
    changing.start()
    unstarted.wait_for(lambda: len(imported) > 10)
    unstarted.kill_tree()
    changing.join()

    unstarted.start()
    answer = ask(unstarted.https_port, name, "/health", context=trust(authority.certificate_pem))
    assert 200 == answer.status
    unstarted.stop()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_restart_serves_the_same_traffic_without_any_new_call(unstarted, backend, authority, end):
    unstarted.start()
    apigateway = unstarted.client("apigateway")
    api = ApiBuilder(apigateway)
    api.proxy("/pets/{id}", "GET", backend.url + "/pets/{id}")
    api.deploy("dev")
    api.mock("/undeployed")
    arn = import_certificate(unstarted.client("acm"), authority.issue("kept.example"))
    create_domain(apigateway, "kept.example", arn, api.id, base_path="v1", stage="dev")
    default = f"{api.id}.execute-api.us-east-1.gateway.localhost"
    local_authority = unstarted.ca_file.read_bytes()

    def traffic():
        domain = ask(unstarted.https_port, "kept.example", "/v1/pets/7", context=trust(authority.certificate_pem))
        endpoint = ask(unstarted.https_port, default, "/dev/pets/8", context=trust(local_authority.decode()))
        absent = ask(unstarted.https_port, "kept.example", "/v1/undeployed")
        return domain.json()["path"], endpoint.json()["path"], absent.status

    assert ("/pets/7", "/pets/8", 403) == traffic()
    if end == signal.SIGTERM:
        unstarted.stop()
    else:
        unstarted.kill_tree()
    unstarted.start()
    assert ("/pets/7", "/pets/8", 403) == traffic()
    assert local_authority == unstarted.ca_file.read_bytes(), "clients that trust it need not be told anew"
    unstarted.stop()


def test_a_second_serve_on_the_same_data_directory_refuses_and_disturbs_nothing(gateway):
    second = Gateway(gateway.data_dir, "--control", "127.0.0.1:0", "--https", "127.0.0.1:0")
    # Its own log beside the first one's.
    second._log_path = gateway.data_dir.with_name("second.log")
    second.spawn()
    assert 1 == second.wait()
    assert "a gatewright already serves this data directory" in second.log()
    assert str(gateway.process.pid) in second.log()
    assert "Traceback" not in second.log()
    assert "000000000000" == gateway.client("sts").get_caller_identity()["Account"]


# -- secrets -----------------------------------------------------------------------------------------------------------


def fragments(key):
    """Pieces of a private key that nothing may hold: of its PEM forms, its DER and base64 at every offset, its numbers."""
    found = set()
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        body = "".join(key_to_pem(key, form).splitlines()[1:-1])
        # The end: the beginning tells the algorithm, which is no secret. PKCS#8 of EC ends with the public key.
        middle = len(body) // 2
        found.add(body[middle - 40 : middle].encode())
    numbers = key.private_numbers()
    secrets = [numbers.private_value] if hasattr(numbers, "private_value") else [numbers.d, numbers.p, numbers.q]
    for number in secrets:
        raw = number.to_bytes((number.bit_length() + 7) // 8, "big")[:30]
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), str(number).encode()[:40]}
        for offset in range(3):
            found.add(base64.b64encode(raw[offset : offset + 27]))
    return found


def test_the_fragments_would_be_found_where_a_key_lay_in_the_open(authority):
    """The scan below proves something only if it finds keys as people store them."""
    for kind in ("rsa2048", "p256"):
        key = authority.issue("a.example", key=kind).key
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        spellings = [key_to_pem(key).replace("\n", "").encode(), der, base64.b64encode(der), der.hex().encode()]
        for spelling in spellings:
            assert any(fragment in spelling for fragment in fragments(key))


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def test_private_keys_lie_nowhere_in_the_open_and_are_told_to_nobody(unstarted, authority):
    unstarted.start()
    apigateway, acm = unstarted.client("apigateway"), unstarted.client("acm")
    leaves = [authority.issue(f"{kind}.secret.example", key=kind, fresh_key=True) for kind in ("rsa2048", "p256")]
    told = []

    def call(operation, **arguments):
        try:
            answer = operation(**arguments)
        except ClientError as error:
            answer = error.response
        told.append(json.dumps(answer, default=str))
        return answer

    def pem(leaf):
        return {"Certificate": leaf.certificate_pem, "PrivateKey": leaf.key_pem, "CertificateChain": leaf.chain_pem}

    for leaf, other in zip(leaves, reversed(leaves), strict=True):
        arn = call(acm.import_certificate, **pem(leaf), Tags=[{"Key": "a", "Value": "b"}])["CertificateArn"]
        call(acm.import_certificate, **pem(leaf), CertificateArn=arn)
        call(acm.describe_certificate, CertificateArn=arn)
        call(acm.get_certificate, CertificateArn=arn)
        call(acm.export_certificate, CertificateArn=arn, Passphrase=b"secret")
        call(acm.import_certificate, **{**pem(leaf), "PrivateKey": other.key_pem})
        call(acm.import_certificate, **{**pem(leaf), "Certificate": leaf.key_pem})
        call(acm.import_certificate, **{**pem(leaf), "CertificateChain": leaf.key_pem})
        call(acm.import_certificate, **{**pem(leaf), "PrivateKey": leaf.key_pem + leaf.key_pem})
        call(acm.import_certificate, **{**pem(leaf), "PrivateKey": leaf.key_pem[:-40]})
        call(acm.import_certificate, **pem(leaf), Tags=[{"Key": "aws:a", "Value": "b"}])
        name = leaf.certificate.subject.rfc4514_string().removeprefix("CN=")
        call(create_domain, client=apigateway, name=name, arn=arn)
        ask(unstarted.https_port, name, "/nothing", context=trust(authority.certificate_pem))
    told.append(str(certificate_arns(acm)))
    call(apigateway.get_domain_names)
    assert any("does not match" in answer for answer in told)
    folders = (unstarted.data_dir, (unstarted.data_dir / "run").resolve())
    running = {path: path.read_bytes() for folder in folders for path in files_below(folder)}
    unstarted.stop()
    stopped = {path: path.read_bytes() for path in files_below(unstarted.data_dir)}
    assert any(path.name == "gatewright.db" for path in stopped)
    everywhere = {**{f"{path} while running": data for path, data in running.items()}, **stopped}
    everywhere["the log"] = unstarted.log().encode()
    everywhere["the answers"] = "\n".join(told).encode()
    for leaf in leaves:
        for place, data in everywhere.items():
            assert not [f for f in fragments(leaf.key) if f in data], f"a part of a private key is in {place}"
    # Nor any key's: what is sealed does not look like a key at all.
    for place, data in everywhere.items():
        assert not re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY", data), place


def test_secret_access_keys_are_in_the_credentials_file_alone(unstarted):
    unstarted.start()
    secret = unstarted.credentials[1].encode()
    unstarted.client("sts").get_caller_identity()
    with pytest.raises(ClientError):
        unstarted.client("sts", credentials=(unstarted.credentials[0], "wrong")).get_caller_identity()
    unstarted.stop()
    holders = {path.name for path in files_below(unstarted.data_dir) if secret in path.read_bytes()}
    assert {"credentials"} == holders
    assert secret not in unstarted.log().encode()
