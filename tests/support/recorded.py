"""Answers that the real service gave, and whether an answer of ours is the same.

    answers = Recorded(shared, "TestApiGatewayStage::test_stage_access_log_settings")
    answers.check("create-stage", client.create_stage(...))

The recordings name what differs from run to run by placeholders. A placeholder (`<id:1>`) stands for the same text
wherever it occurs in one case, and two of them never for one text; "datetime" is any instant. Text that was JSON was
recorded parsed. The service's account was 111111111111.
"""

import json
import re
from datetime import datetime
from pathlib import Path

from botocore.exceptions import ClientError

ACCOUNT = "111111111111"

_FILE = "corpora/recorded/apigateway_api.snapshot.json"
_PLACEHOLDER = re.compile(r"<[a-z-]+:\d+>|<log-group-arn>")


class Recorded:
    def __init__(self, shared: Path, case: str) -> None:
        cases = json.loads((shared / _FILE).read_text())
        (self.answers,) = [found["recorded-content"] for name, found in cases.items() if name.endswith(f"::{case}")]
        self.seen: set[str] = set()
        self._bound: dict[str, str] = {}

    def check(self, name: str, answer) -> None:
        """The answer (or the error: a callable that is to fail with it) equals the one recorded under this name."""
        self.seen.add(name)
        if callable(answer):
            answer = error_of(answer)
        difference = self._difference(self.answers[name], _comparable(answer), "")
        assert difference is None, f"{name}{difference}"

    def check_complete(self) -> None:
        """Every answer of the case was looked at."""
        assert set(self.answers) == self.seen

    def _difference(self, expected, found, at):
        if isinstance(expected, dict | list) and isinstance(found, str):
            found = json.loads(found)
        if isinstance(expected, dict) and isinstance(found, dict):
            if set(expected) != set(found):
                return f"{at}: members {sorted(found)}, recorded {sorted(expected)}"
            pairs = [(expected[key], found[key], f"{at}.{key}") for key in expected]
            return next(filter(None, (self._difference(*pair) for pair in pairs)), None)
        if isinstance(expected, list) and isinstance(found, list):
            if len(expected) != len(found):
                return f"{at}: {len(found)} elements, recorded {len(expected)}"
            pairs = [(one, other, f"{at}[{i}]") for i, (one, other) in enumerate(zip(expected, found, strict=True))]
            return next(filter(None, (self._difference(*pair) for pair in pairs)), None)
        if isinstance(expected, str) and isinstance(found, str):
            same = self._same_text(expected, found)
        else:
            same = (type(expected), expected) == (type(found), found)
        return None if same else f"{at}: {found!r}, recorded {expected!r}"

    def _same_text(self, expected: str, found: str) -> bool:
        placeholders = list(dict.fromkeys(_PLACEHOLDER.findall(expected)))
        pattern = re.escape(expected)
        for index, placeholder in enumerate(placeholders):
            known = self._bound.get(placeholder)
            group = f"(?P<p{index}>{'.+?' if known is None else re.escape(known)})"
            pattern = pattern.replace(re.escape(placeholder), group, 1)
            pattern = pattern.replace(re.escape(placeholder), f"(?P=p{index})")
        match = re.fullmatch(pattern, found, re.DOTALL)
        if match is None:
            return False
        for index, placeholder in enumerate(placeholders):
            if placeholder not in self._bound and match[f"p{index}"] in self._bound.values():
                return False
            self._bound[placeholder] = match[f"p{index}"]
        return True


def error_of(call) -> dict:
    """What botocore made of the error that the call is answered with."""
    try:
        answer = call()
    except ClientError as error:
        return error.response
    raise AssertionError(f"The call was to fail, and answered {answer!r}")


def refusal_of(call) -> tuple[str, str]:
    """Code and message of the error that the call is answered with."""
    error = error_of(call)["Error"]
    return error["Code"], error["Message"]


def _comparable(value):
    """An answer of botocore's as recordings have it: instants by name, no headers, none of the client's own notes."""
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "HTTPStatusCode" in value:
        return {"HTTPHeaders": {}, "HTTPStatusCode": value["HTTPStatusCode"]}
    return {key: _comparable(each) for key, each in value.items()}
