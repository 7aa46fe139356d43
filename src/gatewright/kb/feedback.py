"""Did this help? One line an answer in `{data-dir}/kb/helped.jsonl`, counted per article.

What it keeps to: a line is appended in one write under a lock, so that answers of several processes at once are all
counted; a line that a crash has cut short is skipped, and the next answer begins on a line of its own.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

_FILE: Final = "helped.jsonl"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many readers an article has helped, and how many not."""

    yes: int = 0
    no: int = 0


def record_answer(folder: Path, code: str, *, helped: bool, now: datetime) -> None:
    """The answer is in the file in `folder`, which is made for its owner alone if it is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({"code": code, "helped": helped, "at": now.isoformat(timespec="seconds")}).encode() + b"\n"
    descriptor = os.open(folder / _FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = file.seek(0, os.SEEK_END)
        torn = end > 0 and os.pread(file.fileno(), 1, end - 1) != b"\n"
        file.write(b"\n" + line if torn else line)


def count_answers(folder: Path) -> Mapping[str, Tally]:
    """Each article that was answered for, by its code. No file, no answers."""
    try:
        lines = (folder / _FILE).read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    counts: dict[str, Tally] = {}
    for line in lines:
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if not isinstance(answer, dict) or not isinstance(code := answer.get("code"), str):
            continue
        before = counts.get(code, Tally())
        if answer.get("helped") is True:
            counts[code] = Tally(before.yes + 1, before.no)
        elif answer.get("helped") is False:
            counts[code] = Tally(before.yes, before.no + 1)
    return counts
