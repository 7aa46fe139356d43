r"""Values of records: from Route 53's spelling to that of master files, which libraries and other servers read.

Both are RFC 1035 section 5.1 but for one thing: `\ooo` is octal here (D, "TXT record type" and "DNS domain name format"
of the Route 53 developer guide) and decimal there. `\"` and `\\` are the same in both.
"""

import re

_ESCAPE = re.compile(r"\\(?:([0-3][0-7]{2})|(.))", re.DOTALL)


def to_master_file(value: str) -> str:
    """The value as a master file has it."""
    return _ESCAPE.sub(lambda found: found[0] if found[1] is None else f"\\{int(found[1], 8):03d}", value)
