"""API keys and usage plans with the unmodified Terraform provider and AWS CLI."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.apis import ApiBuilder
from support.terraform import Module

pytestmark = pytest.mark.e2e

MODULE = Path(__file__).parent / "keys_and_plans.tf"


def test_terraform_makes_keys_and_plans_changes_each_and_leaves_nothing(
    gateway, apigateway, terraform_plugins, tmp_path
):
    module = Module(tmp_path / "module", MODULE.read_text(), gateway, terraform_plugins)
    module.apply()
    assert "" == module.plan()
    (plan,) = [each for each in apigateway.get_usage_plans()["items"] if each["name"] == "gold"]
    assert {"//GET": {"rateLimit": 2.0, "burstLimit": 4}} == plan["apiStages"][0]["throttle"]
    assert {"made-up", "given"} == {
        each["name"] for each in apigateway.get_usage_plan_keys(usagePlanId=plan["id"])["items"]
    }

    for old, new in [
        ('customer_id = "c-1"', 'customer_id = "c-2"'),
        ("enabled = false", "enabled = true"),
        ('of = "key"', 'of = "the key"'),
        ('  description = "A value of the service\'s"\n', ""),
        ('description  = "For friends"', 'description  = "For all"'),
        ('  product_code = "product"\n', ""),
        ('of = "plan"', 'of = "the plan"'),
        ('each["dev"].stage_name', 'each["live"].stage_name'),
        ("rate_limit  = 2\n", "rate_limit  = 3\n"),
        ("burst_limit = 10", "burst_limit = 20"),
        ('  quota_settings {\n    limit  = 500\n    offset = 2\n    period = "WEEK"\n  }\n', ""),
        ('  name = "bare"', '  name = "bare"\n  quota_settings {\n    limit = 7\n    period = "DAY"\n  }'),
    ]:
        module.change(old, new)
    module.apply()
    assert "" == module.plan()
    changed = apigateway.get_usage_plan(usagePlanId=plan["id"])
    assert ["live"] == [each["stage"] for each in changed["apiStages"]]
    assert "quota" not in changed

    module.destroy()
    assert [] == apigateway.get_api_keys()["items"] == apigateway.get_usage_plans()["items"]


SCRIPT = r"""
set -eu
stage="$API:dev"
key=$(aws apigateway create-api-key --name phone --enabled --query id --output text)
plan=$(aws apigateway create-usage-plan --name gold --throttle burstLimit=10,rateLimit=5 \
    --quota limit=500,offset=0,period=DAY --api-stages "apiId=$API,stage=dev" --query id --output text)
aws apigateway create-usage-plan-key --usage-plan-id "$plan" --key-id "$key" --key-type API_KEY > joined.json
aws apigateway get-api-key --api-key "$key" --include-value --query value --output text > value
aws apigateway update-usage-plan --usage-plan-id "$plan" --patch-operations \
    op=replace,path=/throttle/rateLimit,value=100 op=replace,path=/throttle/burstLimit,value=200 \
    op=replace,path=/quota/limit,value=1000 \
    "op=add,path=/apiStages/$stage/throttle/~1pets/GET/rateLimit,value=1" > plan.json
aws apigateway update-stage --rest-api-id "$API" --stage-name dev \
    --patch-operations 'op=replace,path=/*/*/throttling/rateLimit,value=50' > /dev/null
printf 'Name,Key,Enabled,UsageplanIds\nimported,an-imported-value-of-30-chars,TRUE,%s\n' "$plan" > keys.csv
aws apigateway import-api-keys --body fileb://keys.csv --format csv --fail-on-warnings > imported.json
aws apigateway get-usage-plan-keys --usage-plan-id "$plan" --query 'items[].name' --output json > names.json
if aws apigateway delete-usage-plan --usage-plan-id "$plan" 2> refused; then exit 1; fi
aws apigateway update-usage-plan --usage-plan-id "$plan" \
    --patch-operations "op=remove,path=/apiStages,value=$stage" > /dev/null
aws apigateway delete-usage-plan-key --usage-plan-id "$plan" --key-id "$key"
aws apigateway delete-usage-plan --usage-plan-id "$plan"
for each in $(aws apigateway get-api-keys --query 'items[].id' --output text); do
    aws apigateway delete-api-key --api-key "$each"
done
"""


@pytest.mark.skipif(shutil.which("aws") is None, reason="the AWS CLI is not on this machine")
def test_the_aws_cli_makes_a_key_and_raises_the_limits_that_it_meets(gateway, apigateway, tmp_path):
    api = ApiBuilder(apigateway)
    api.mock("/pets")
    api.deploy("dev")
    done = subprocess.run(
        ["bash", "-c", SCRIPT], cwd=tmp_path, env={**gateway.environment, "API": api.id}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    value = (tmp_path / "value").read_text().strip()
    assert value == json.loads((tmp_path / "joined.json").read_text())["value"]
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert ({"burstLimit": 200, "rateLimit": 100.0}, 1000) == (plan["throttle"], plan["quota"]["limit"])
    assert {"/pets/GET": {"burstLimit": 0, "rateLimit": 1.0}} == plan["apiStages"][0]["throttle"]
    assert ["imported", "phone"] == json.loads((tmp_path / "names.json").read_text())
    assert 1 == len(json.loads((tmp_path / "imported.json").read_text())["ids"])
    assert f"there are API Stages associated with it, including {api.id}:dev" in (tmp_path / "refused").read_text()
    assert [] == apigateway.get_api_keys()["items"] == apigateway.get_usage_plans()["items"]

    # The value is nowhere in the data directory, but sealed.
    assert [] == [
        path for path in gateway.data_dir.rglob("*") if path.is_file() and value.encode() in path.read_bytes()
    ]
