"""The CSV file that ImportApiKeys reads (D: "API Gateway API key file format").

The first row names the columns, in any order and case: `Name` and `Key` must be there; `Description`, `Enabled` and
`UsageplanIds` may; others are skipped. A field that begins with a quote, single or double, ends with the same, and may
hold commas, line ends and that quote doubled. A cell that is not there is empty, and enabled is true unless told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gatewright.model.patch_setters import read_boolean

_REQUIRED: Final = ("name", "key")


class FileMalformed(ValueError):
    """The file cannot be read at all; the message says why."""


@dataclass(frozen=True, slots=True)
class ImportedKey:
    """One row: what the key is to be. `line` counts the rows, the first being the names of the columns."""

    line: int
    name: str
    value: str = field(repr=False)
    description: str
    enabled: bool
    plan_ids: tuple[str, ...]


def parse_api_key_file(content: bytes) -> list[ImportedKey]:
    """The rows of the file; `FileMalformed` for what is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileMalformed("The API key file is not encoded in UTF-8") from None
    rows = [(number, row) for number, row in enumerate(_parse_rows(text), start=1) if any(cell for cell in row)]
    if not rows:
        raise FileMalformed("The API key file is empty")
    columns = [cell.strip().lower() for cell in rows[0][1]]
    missing = [name for name in _REQUIRED if name not in columns]
    if missing:
        raise FileMalformed(f"The API key file has no column {' and no column '.join(missing)}")
    return [_parse_key(number, dict(zip(columns, row, strict=False))) for number, row in rows[1:]]


def _parse_key(number: int, cells: Mapping[str, str]) -> ImportedKey:
    enabled = cells.get("enabled", "").strip()
    plan_ids = (each.strip() for each in cells.get("usageplanids", "").split(","))
    return ImportedKey(
        line=number,
        name=cells.get("name", "").strip(),
        value=cells.get("key", "").strip(),
        description=cells.get("description", "").strip(),
        enabled=read_boolean(enabled) if enabled else True,
        plan_ids=tuple(dict.fromkeys(each for each in plan_ids if each)),
    )


def _parse_rows(text: str) -> list[list[str]]:
    """Rows of cells. `csv` of the standard library knows one sort of quote at a time."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows: list[list[str]] = [[]]
    at = 0
    while at <= len(text):
        cell, at = _parse_cell(text, at)
        rows[-1].append(cell)
        if text[at : at + 1] == "\n":
            rows.append([])
        at += 1
    return rows


def _parse_cell(text: str, at: int) -> tuple[str, int]:
    """The cell that begins here, and where the comma or line end behind it is."""
    quote = text[at : at + 1]
    if quote not in ('"', "'"):
        return _parse_plain(text, at)
    parts: list[str] = []
    start = at + 1
    while True:
        end = text.find(quote, start)
        if end < 0:
            raise FileMalformed("The API key file has a quote that is not closed")
        parts.append(text[start:end])
        if text[end + 1 : end + 2] != quote:
            break
        parts.append(quote)
        start = end + 2
    rest, at = _parse_plain(text, end + 1)
    if rest.strip():
        raise FileMalformed("The API key file has text behind a closing quote")
    return "".join(parts), at


def _parse_plain(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and text[end] not in ",\n":
        end += 1
    return text[at:end], end
