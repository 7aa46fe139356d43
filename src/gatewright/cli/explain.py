"""`gatewright explain`: what one request met, from the journal that the workers keep."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gatewright.cli.options import Refusal, data_dir_option
from gatewright.settings.storage import parse_data_dir

if TYPE_CHECKING:
    from gatewright.core.request_record import Named

#: Five times what a worker keeps a line before it writes it (`dataplane/journal.py`).
WRITTEN_BY_THEN: Final = 0.25


@click.command(short_help="Explain what one request met.")
@click.argument("request_id", metavar="REQUEST_ID")
@data_dir_option
def explain(request_id: str, data_dir: str | None) -> None:
    """Print every decision that one request met, in order.

    REQUEST_ID is what the client got in the header `x-amzn-RequestId`.
    """
    folder = parse_data_dir(data_dir) / "logs" / "requests"
    record = wait_for_record(folder, request_id)
    if record is None:
        raise Refusal(
            f"no request {request_id} is in the journal {folder}: expected the x-amzn-RequestId of an answer that this "
            "gateway gave; the oldest requests are forgotten, and --data-dir names another installation."
        )
    from gatewright.core.request_record import explain as explain_record

    for line in explain_record(record, _name_refusal(record)):
        click.echo(line)


def _name_refusal(record: Mapping[str, Any]) -> Named | None:
    """The refusal as `gatewright doctor REQUEST_ID` names it; None of a request that was not refused."""
    if not record.get("reason"):
        return None
    from gatewright.core.request_record import Named
    from gatewright.doctor.evidence import Evidence
    from gatewright.doctor.examine import examine
    from gatewright.doctor.question import parse_question
    from gatewright.doctor.recorded import read_refusal

    question = parse_question(str(record["requestId"]))
    diagnosis = examine(Evidence(question, datetime.now(UTC).isoformat(), "", record=read_refusal(record)))
    if diagnosis.verdict != "problem":
        return None
    finding = diagnosis.findings[0]
    return Named(finding.code, " ".join((finding.remedy.text, *finding.remedy.commands)))


def wait_for_record(folder: Path, request_id: str) -> Mapping[str, Any] | None:
    """The newest record of that request, or None when there is none by the time that it would have been written.

    Whoever asks in the breath after the answer is ahead of the worker, which writes its lines a moment later.
    """
    record = find_record(folder, request_id)
    if record is None:
        time.sleep(WRITTEN_BY_THEN)
        record = find_record(folder, request_id)
    return record


def find_record(folder: Path, request_id: str) -> Mapping[str, Any] | None:
    """The newest record of that request, or None. A line that is being written is no record yet."""
    wanted = json.dumps(request_id).encode()
    for line in _lines(folder):
        if wanted not in line:
            continue
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and record.get("requestId") == request_id:
            return record
    return None


def _lines(folder: Path) -> Iterator[bytes]:
    """Every line of the journal, newest file first, its last line first."""
    files = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files:
        with path.open("rb") as file:
            yield from reversed(file.readlines())
