"""AWS Security Token Service: who am I, and later, temporary credentials."""

from collections.abc import Mapping

from gatewright.controlplane.call import Operation
from gatewright.controlplane.sts.caller_identity import get_caller_identity
from gatewright.controlplane.sts.unimplemented import UNIMPLEMENTED

OPERATIONS: Mapping[str, Operation] = {
    "GetCallerIdentity": get_caller_identity,
}

__all__ = ["OPERATIONS", "UNIMPLEMENTED"]
