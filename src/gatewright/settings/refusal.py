"""How an option is refused: a sentence that has the option, what was expected, what was found, and what to do."""

from typing import NoReturn


class SettingsError(ValueError):
    """An option cannot be used; the text is a sentence that begins with the option."""


def refuse(option: str, problem: str, advice: str) -> NoReturn:
    """Raises the refusal of an option, from the halves of its sentence."""
    raise SettingsError(f"{option}: {problem}; {advice}.")
