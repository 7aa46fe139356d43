"""Options that take one of a few words."""

from typing import Final

from gatewright.settings.refusal import refuse

AUTH_MODES: Final = ("enforce", "lenient")
LOG_LEVELS: Final = ("debug", "info", "warning", "error")


def parse_auth(text: str) -> bool:
    """True for `lenient`, False for `enforce`."""
    if text not in AUTH_MODES:
        refuse(
            "--auth", f"expected {' or '.join(AUTH_MODES)}, found {text!r}", "leave it out to verify every signature"
        )
    return text == "lenient"


def parse_log_level(text: str) -> str:
    """One of `LOG_LEVELS`."""
    if text.lower() not in LOG_LEVELS:
        refuse("--log-level", f"expected one of {', '.join(LOG_LEVELS)}, found {text!r}", "info is the default")
    return text.lower()


def parse_switch(option: str, text: str) -> bool:
    """True for `on`, False for `off`."""
    if text.lower() not in ("on", "off"):
        refuse(option, f"expected on or off, found {text!r}", "leave it out for off")
    return text.lower() == "on"
