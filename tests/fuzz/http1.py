"""HTTP/1.1 under a coverage-guided fuzzer: a client's bytes, and a backend's.

    python -m fuzz.http1 requests --seconds 60 [--corpus FOLDER] [--seed 7]
    python -m fuzz.http1 answers --mutants 5000 --seed 1

What must hold for any bytes stands in `support.http1_stage`: valid answers, an error answer or a closed connection; no
request and no answer that h11 does not find in the same bytes; the same outcome wherever the reads part them. The first
byte of an input says how it is parted, and what else varies. An input that breaks a rule is left in the folder that the
process was started in, and the exit code is not 0. What was found so becomes a specimen with a good twin
(`support.http1_specimens`, `support.answer_specimens`): every run begins with those, and tests of each parser read them.

There are two ways to go on from the specimens. The fuzzer itself is another one each time, and goes
wherever it finds code that no input has met: that is what finds things. `--mutants` makes so many inputs of the
specimens by chance, the same ones each time for the same `--seed`: that is what a test may do, which must not fail for who
changed nothing. (libFuzzer's own seed is not enough for that: its choices depend on times too.)
"""

import argparse
import hashlib
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
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
                assert whole.answer.status == other.answer.status
                assert bytes(whole.answer.body) == bytes(other.answer.body)
        answer_of([data], method, cut=True)

    return target


def list_seeds(kind: str) -> dict[str, bytes]:
    """The specimens by a name, alone and with a request behind them."""
    seeds = {}
    for number, pair in enumerate((TWINS if kind == "requests" else ANSWER_TWINS).values()):
        for mark, data in zip("bg", pair, strict=True):
            if len(data) < MAX_LENGTH:
                seeds[f"{mark}{number}"] = bytes((number % 256,)) + data
                seeds[f"{mark}{number}n"] = b"\0" + data + (NEXT if kind == "requests" else b"")
    return seeds


def make_mutants(kind: str, seed: int) -> Iterator[bytes]:
    """Specimens with a few places changed; the same ones in the same order for the same seed."""
    draw = random.Random(seed)
    seeds = list(list_seeds(kind).values())
    words = [word.encode("latin-1").decode("unicode_escape").encode("latin-1") for word in WORDS]
    while True:
        data = draw.choice(seeds)
        for _ in range(draw.randint(1, 4)):
            at, other = draw.randint(1, len(data)), draw.choice(seeds)
            put = draw.choice((b"", draw.randbytes(1), draw.choice(words), draw.choice(words), other[1:], data[1:at]))
            data = data[:at] + put + data[at + draw.choice((0, 0, 1, 2, len(put))) :]
        yield (bytes((draw.randrange(256),)) + data[1:])[:MAX_LENGTH]


def try_mutants(target: Callable[[bytes], None], mutants: Iterator[bytes]) -> int:
    """How many there were; the one that breaks a rule is kept, as libFuzzer would."""
    count = 0
    for data in mutants:
        try:
            target(data)
        except BaseException:
            Path(f"crash-{hashlib.sha1(data, usedforsecurity=False).hexdigest()}").write_bytes(data)
            raise
        count += 1
    return count


def main() -> None:
    """Run until the time is over, or a rule is broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["requests", "answers"])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=-1, help="so many inputs at most; 0 tries the specimens only")
    parser.add_argument("--mutants", type=int, help="so many inputs that do not depend on what was covered")
    parser.add_argument("--seed", type=int, default=0, help="of chance; 0, the default, is another one for the fuzzer")
    parser.add_argument("--corpus", type=Path, help="a folder in which interesting inputs are kept from run to run")
    parser.add_argument("--input", type=Path, help="one input, to see again what it does")
    told = parser.parse_args()
    target = make_request_target() if told.kind == "requests" else make_answer_target()
    if told.input is not None:
        target(told.input.read_bytes())
        return
    if told.mutants is not None:
        print(try_mutants(target, islice(make_mutants(told.kind, told.seed), told.mutants)), "inputs broke no rule")
        return
    with tempfile.TemporaryDirectory() as folder:
        seeds, words = Path(folder, "seeds"), Path(folder, "words")
        seeds.mkdir()
        for name, data in list_seeds(told.kind).items():
            (seeds / name).write_bytes(data)
        words.write_text("".join(f'"{word}"\n' for word in WORDS))
        folders = [str(told.corpus or Path(folder, "corpus")), str(seeds)]
        Path(folders[0]).mkdir(exist_ok=True, parents=True)
        limits = [
            f"-max_total_time={told.seconds}",
            f"-runs={told.runs}",
            f"-seed={told.seed}",
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
