"""What the log says of a failure of the control plane."""

from gatewright.controlplane.failure import describe_failure
from gatewright.store.port import StoreError


def test_what_the_store_says_of_itself_is_kept_and_what_others_quote_is_not():
    assert describe_failure(StoreError("The disk is full.")).endswith("StoreError: The disk is full.")
    assert describe_failure(KeyError("the-value")).endswith("builtins.KeyError")
