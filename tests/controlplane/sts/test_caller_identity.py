"""Who am I."""

from gatewright.controlplane.sts.unimplemented import UNIMPLEMENTED
from gatewright.wire.services import load_service
from support.control import ACCOUNT, OTHER_ACCOUNT


def test_a_root_key_is_the_root_of_its_account(harness):
    for account in (ACCOUNT, OTHER_ACCOUNT):
        answer = harness.client("sts", account=account).get_caller_identity()
        assert (account, account, f"arn:aws:iam::{account}:root") == (
            answer["UserId"],
            answer["Account"],
            answer["Arn"],
        )


def test_everything_else_is_listed(harness):
    assert set(load_service("sts").operation_names) == {"GetCallerIdentity", *UNIMPLEMENTED}
