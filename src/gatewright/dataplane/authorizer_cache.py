"""What authorizers said lately, as one worker remembers it (facts 2.7).

By stage, deployment, authorizer and identity, for as long as the authorizer says. FlushStageAuthorizersCache changes a number
of the stage, which every look-up has in its key. Each worker asks for itself: about one identity, once in each of them.
"""

from typing import Final, NamedTuple, TypeAlias

from gatewright.core.authorizers.result import AuthorizerResult

#: Of answers up to 8 KB each, which take some 20 KB at most when read: 80 MB a worker at worst, a tenth of it as a rule.
_MAX_REMEMBERED: Final = 4_096

#: API, stage, deployment, the stage's number of flushes, authorizer, digest of the identity.
AnswerKey: TypeAlias = tuple[str, str, str, int, str, bytes]


class Remembered(NamedTuple):
    """An answer, and until when it may be used."""

    result: AuthorizerResult
    until: float


class AuthorizerCache:
    """The answers that one worker remembers; the oldest make room."""

    __slots__ = ("_answers",)

    def __init__(self) -> None:
        self._answers: dict[AnswerKey, Remembered] = {}

    def find(self, key: AnswerKey, now: float) -> AuthorizerResult | None:
        """The answer under this key, unless its time has passed."""
        found = self._answers.get(key)
        if found is None:
            return None
        if found.until <= now:
            del self._answers[key]
            return None
        return found.result

    def remember(self, key: AnswerKey, result: AuthorizerResult, until: float) -> None:
        """Use this answer until then."""
        answers = self._answers
        answers.pop(key, None)
        while len(answers) >= _MAX_REMEMBERED:
            del answers[next(iter(answers))]
        answers[key] = Remembered(result, until)
