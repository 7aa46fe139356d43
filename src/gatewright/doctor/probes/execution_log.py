"""The line of a stage's execution log that says why a request was refused, through the CloudWatch Logs API (facts 8.1).

What this module knows: the log group is `API-Gateway-Execution-Logs_{api}/{stage}`, every line begins with the request's
id in parentheses, and a line can be read a moment after the answer: 0.25 s with a Gatewright, seconds with AWS, which is
longer than a diagnosis can wait for sure.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gatewright.doctor.probes.api import AwsApi
from gatewright.doctor.recorded import find_cause_in_text

#: The pauses before each look.
_PAUSES: Final = (0.35, 0.6, 1.0)
#: A clock of the service may be behind ours.
_BACK_MILLISECONDS: Final = 600_000


def find_logged_cause(api: AwsApi, api_id: str, stage: str, request_id: str, now: str) -> Mapping[str, str] | None:
    """What the log says of the request; None when it says nothing, or not yet."""
    start = int(datetime.fromisoformat(now).timestamp() * 1000) - _BACK_MILLISECONDS
    for pause in _PAUSES:
        time.sleep(pause)
        answer = api.call(
            "logs", "filter_log_events",
            logGroupName=f"API-Gateway-Execution-Logs_{api_id}/{stage}", filterPattern=f'"{request_id}"', startTime=start,
        )  # fmt: skip
        if answer is None:
            return None  # there is no such group, so nothing is written
        cause = find_cause_in_text("\n".join(event.get("message", "") for event in answer.get("events", ())))
        if cause is not None:
            return cause
    return None
