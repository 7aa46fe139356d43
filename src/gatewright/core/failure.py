"""A failure of ours as the log may have it: where it happened and of which kind, never with which values.

The text of an exception often quotes what it stumbled over: a parameter of a statement, a key of a dictionary, a piece
of a certificate. So only those texts are kept that are sentences of this program about itself.
"""

from __future__ import annotations

import traceback


def describe_failure(failure: BaseException, *ours: type[BaseException]) -> str:
    """The frames and kinds of an exception and of those that led to it, the first cause first.

    `ours` are exceptions whose text is written in this program and quotes no client's data; as is that of assertions and imports,
    while the system's errors name files and addresses at most.
    """
    lines: list[str] = []
    for link in reversed(_chain(failure)):
        lines.extend(traceback.format_tb(link.__traceback__))
        text = f": {link}" if isinstance(link, (AssertionError, ImportError, OSError, *ours)) else ""
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}{text}\n")
    return "\n" + "".join(lines).rstrip()


def _chain(failure: BaseException) -> list[BaseException]:
    """The exception and what it was raised from or during, each once."""
    chain: list[BaseException] = []
    link: BaseException | None = failure
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return chain
