"""`examples/terraform`: apply, an empty second plan, changes of every kind, a new certificate, destroy."""

from pathlib import Path

import pytest

from support.apis import NOTHING_LEFT, leftovers
from support.https import ask, served_certificate, trust
from support.terraform import Module, write_key_pair

pytestmark = pytest.mark.e2e

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "terraform" / "main.tf"


def test_the_example_applies_changes_and_leaves_nothing(
    gateway, apigateway, acm, backend, terraform_plugins, authority, tmp_path
):
    first, second = (write_key_pair(authority, tmp_path / name) for name in ("first", "second"))
    module = Module(tmp_path / "module", EXAMPLE.read_text(), gateway, terraform_plugins, backend=backend.url, **first)
    context = trust(authority.certificate_pem)

    def get(path, base_path="v1"):
        return ask(gateway.https_port, "www.example.com", f"/{base_path}{path}", context=context)

    module.apply()
    assert "" == module.plan()
    answer = get("/pets/7")
    assert (200, "/pets/7") == (answer.status, answer.json()["path"])
    listed = get("/pets")
    assert (200, b"[]", "none yet") == (listed.status, listed.body, listed.header("X-Pets"))
    outputs = module.outputs()
    assert "https://www.example.com/v1/pets/7" == outputs["address"]
    assert apigateway.get_domain_name(domainName="www.example.com")["regionalDomainName"] == outputs["dns_target"]

    for old, new in [
        ('description = "Pets, by Terraform"', 'description = "Pets, changed"'),
        ('team = "pets"', 'team = "cats"\n    more = "yes"'),
        ("timeout_milliseconds    = 5000", "timeout_milliseconds    = 6000"),
        ('colour = "green"', 'size = "big"'),
        ('base_path   = "v1"', 'base_path   = "v2"'),
        ("'none yet'", "'still none'"),
        ('stage_name    = "dev"', 'stage_name    = "dev"\n  description   = "A stage"\n  tags = { of = "stage" }'),
    ]:
        module.change(old, new)
    module.set(second)
    before = served_certificate(gateway.https_port, "www.example.com")
    module.apply()
    assert "" == module.plan()
    assert 200 == get("/pets/7", "v2").status
    assert before != served_certificate(gateway.https_port, "www.example.com")
    assert "still none" == get("/pets", "v2").header("X-Pets")
    assert 403 == get("/pets/7", "v1").status
    api = apigateway.get_rest_apis()["items"][0]
    assert ("Pets, changed", {"team": "cats", "more": "yes"}) == (api["description"], api["tags"])
    stage = apigateway.get_stage(restApiId=api["id"], stageName="dev")
    assert ({"size": "big"}, {"of": "stage"}) == (stage["variables"], stage["tags"])

    module.destroy()
    assert NOTHING_LEFT == leftovers(apigateway, acm)
