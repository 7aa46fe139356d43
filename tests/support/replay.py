"""Recorded cases as tables: a case is a list of calls, and each call that has a name is compared with its recording.

    replay(harness, shared, "TestApiGatewayApiMethod::test_method_lifecycle", [
        Step("create_rest_api", keep="api", name="pets"),
        Step("put_method", "put-base-method-response", restApiId=API, resourceId=ROOT, ...),
    ])

Whether a call fails is known from its recording; one without a name must not fail. `Kept("api", "id")` stands for a
member of an earlier answer.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from support.control import REGION
from support.recorded import ACCOUNT, Recorded


@dataclass(frozen=True)
class Kept:
    step: str
    member: str


#: What nearly every case begins with: an API kept under the name `api`.
API = Kept("api", "id")
ROOT = Kept("api", "rootResourceId")


class Step:
    """One call; `select` compares a single member of its answer."""

    def __init__(self, operation, recorded=None, *, keep=None, select=None, **params):
        self.operation, self.recorded, self.keep, self.select, self.params = operation, recorded, keep, select, params


def replay(harness, shared, case: str, steps, *, left_out=()) -> None:
    """Makes the calls in order and compares; `left_out` names recordings that cannot be met (say why beside them)."""
    recorded = Recorded(shared, case)
    recorded.answers = _with_region(recorded.answers)
    client = harness.client("apigateway", account=ACCOUNT, validate=False)
    kept: dict[str, dict] = {}
    for step in steps:
        harness.advance(1)
        call = partial(getattr(client, step.operation), **_resolve(step.params, kept))
        if step.recorded is not None and "Error" in recorded.answers[step.recorded]:
            recorded.check(step.recorded, call)
            continue
        answer = call()
        if step.keep is not None:
            kept[step.keep] = answer
        if step.recorded is not None:
            recorded.check(step.recorded, answer if step.select is None else answer[step.select])
    recorded.seen.update(left_out)
    recorded.check_complete()


def _resolve(value: Any, kept: dict[str, dict]) -> Any:
    if isinstance(value, Kept):
        return kept[value.step][value.member]
    if isinstance(value, dict):
        return {key: _resolve(each, kept) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolve(each, kept) for each in value]
    return value


def _with_region(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("<region>", REGION)
    if isinstance(value, list):
        return [_with_region(each) for each in value]
    if isinstance(value, dict):
        return {key: _with_region(each) for key, each in value.items()}
    return value
