"""HTTP/1.1 under a coverage-guided fuzzer: a client's bytes, and a backend's.

    python -m fuzz.http1 requests --seconds 60 [--corpus FOLDER]
    python -m fuzz.http1 answers

What must hold for any bytes stands in `support.http1_stage`: valid answers, an error answer or a closed connection; no
request and no answer that h11 does not find in the same bytes; the same outcome wherever the reads part them. The first
byte of an input says how it is parted, and what else varies. An input that breaks a rule is left in the folder that the
process was started in, and the exit code is not 0.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["gatewright.dataplane", "gatewright.core.http", "gatewright.core.integration"]
):
    from support.http1_stage import RequestStage, answer_of, judge_answer, judge_requests

from support.answer_specimens import ANSWER_TWINS
from support.http1_specimens import TWINS

MAX_LENGTH = 4_096
#: What the grammar is made of, for mutations that keep it: libFuzzer puts these words where it likes.
WORDS = (
    "GET ", "HEAD ", "POST ", " HTTP/1.1\\x0d\\x0a", " HTTP/1.0\\x0d\\x0a", "HTTP/1.1 200 OK\\x0d\\x0a", "HTTP/1.1 100 \\x0d\\x0a",
    "HTTP/1.1 204 \\x0d\\x0a", "HTTP/1.1 304 \\x0d\\x0a", "Host: a\\x0d\\x0a", "Content-Length: ", "Transfer-Encoding: ", "chunked",
    "Connection: ", "close", "keep-alive", "Upgrade: ", "Expect: 100-continue\\x0d\\x0a", "\\x0d\\x0a", "\\x0d\\x0a\\x0d\\x0a",
    "0\\x0d\\x0a\\x0d\\x0a", "5\\x0d\\x0ahello\\x0d\\x0a", ";x=y", "http://a/", "GET / HTTP/1.1\\x0d\\x0aHost: a\\x0d\\x0a\\x0d\\x0a",
)  # fmt: skip

NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"


def parted(data: bytes, how: int) -> list[bytes]:
    """The reads: byte by byte, by small steps, or at one place."""
    if how == 0 or not data:
        return [data]
    step = how if how < 16 else len(data) * (how - 15) // 65 or 1
    return [data[start : start + step] for start in range(0, len(data), step)]


def make_request_target() -> Callable[[bytes], None]:
    """The rules for a client's bytes."""
    stage = RequestStage()

    def target(fuzzed: bytes) -> None:
        how, data = fuzzed[0] if fuzzed else 0, fuzzed[1:]
        whole = stage.converse([data])
        judge_requests(data, whole)
        other = stage.converse(parted(data, how & 63), late=how >= 128)
        judge_requests(data, other)
        assert whole.reasons == other.reasons
        assert (whole.final, whole.calls) == (other.final, other.calls)

    return target


def make_answer_target() -> Callable[[bytes], None]:
    """The rules for a backend's bytes."""

    def target(fuzzed: bytes) -> None:
        how, data = fuzzed[0] if fuzzed else 0, fuzzed[1:]
        method = "HEAD" if how >= 192 else "GET"
        for ended in (False, True):
            whole = answer_of([data], method, ended=ended)
            judge_answer(data, whole)
            other = answer_of(parted(data, how & 63), method, ended=ended)
            assert (whole.answer is None) == (other.answer is None)
            if whole.answer is not None:
                assert other.answer is not None
                assert whole.answer[0] == other.answer[0]
                assert bytes(whole.answer[2]) == bytes(other.answer[2])
        answer_of([data], method, cut=True)

    return target


def write_seeds(kind: str, folder: Path) -> None:
    """The specimens, alone and with a request behind them."""
    twins = TWINS if kind == "requests" else ANSWER_TWINS
    for number, pair in enumerate(twins.values()):
        for mark, data in zip("bg", pair, strict=True):
            if len(data) < MAX_LENGTH:
                (folder / f"{mark}{number}").write_bytes(bytes((number % 256,)) + data)
                (folder / f"{mark}{number}n").write_bytes(b"\0" + data + (NEXT if kind == "requests" else b""))


def main() -> None:
    """Run until the time is over, or a rule is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["requests", "answers"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder in which interesting inputs are kept from run to run")
    parser.add_argument("--input", type=Path, help="one input, to see again what it does")
    told = parser.parse_args()
    target = make_request_target() if told.kind == "requests" else make_answer_target()
    if told.input is not None:
        target(told.input.read_bytes())
        return
    with tempfile.TemporaryDirectory() as folder:
        seeds, words = Path(folder, "seeds"), Path(folder, "words")
        seeds.mkdir()
        write_seeds(told.kind, seeds)
        words.write_text("".join(f'"{word}"\n' for word in WORDS))
        folders = [str(told.corpus or Path(folder, "corpus")), str(seeds)]
        Path(folders[0]).mkdir(exist_ok=True, parents=True)
        limits = [
            f"-max_total_time={told.seconds}",
            f"-max_len={MAX_LENGTH}",
            "-len_control=0",
            "-timeout=10",
            "-rss_limit_mb=1024",
        ]
        # What libFuzzer says goes to stderr: executions at the end, the input that broke a rule before it.
        atheris.Setup([sys.argv[0], *limits, f"-dict={words}", "-print_final_stats=1", *folders], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
