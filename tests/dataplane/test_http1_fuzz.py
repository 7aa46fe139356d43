"""Any bytes of a client or a backend: valid answers, an error answer or a closed connection, and never a second request.

The rules and their judge, h11, are in `support.http1_stage`; the coverage-guided run under the same rules is `fuzz.http1`.
The inputs here are the same each time (`derandomize`): what only chance finds must not fail whoever changed something else.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.answer_specimens import ANSWER_TWINS
from support.http1_specimens import TWINS
from support.http1_stage import RequestStage, answer_of, judge_answer, judge_requests
from support.interpreted import on_sources

pytestmark = on_sources

STAGE = RequestStage()
NEXT = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"


# --- a grammar that is right most of the time ----------------------------------------------------------------------

METHODS = st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"get"])
TARGETS = st.sampled_from(
    [b"/", b"/a/b?c=d", b"/%2e%2e/a", b"http://a/x", b"http://b/", b"*", b"/a#b", b"//a", b"/\xff"]
)
VERSIONS = st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"RTSP/1.0"])
SPACES = st.sampled_from([b" ", b" ", b" ", b" ", b"  ", b"\t", b""])
LINE_ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\r\n", b"\r\n "])
COLONS = st.sampled_from([b": "] * 8 + [b":", b" : ", b":\t", b":  "])
FRAMING = st.sampled_from(
    [b"5", b"05", b"+5", b"5, 5", b"0", b"0x5", b"99999999", b"chunked", b"Chunked", b"gzip, chunked", b"identity", b""]
)
FIELDS = st.one_of(
    st.tuples(st.sampled_from([b"Content-Length", b"Transfer-Encoding", b"content_length"]), FRAMING),
    st.tuples(st.just(b"Host"), st.sampled_from([b"a", b"a:443", b"b", b"a, b", b""])),
    st.tuples(
        st.sampled_from([b"Connection", b"Connection", b"Proxy-Connection"]),
        st.sampled_from([b"close", b"keep-alive", b"Upgrade", b"x-a, close", b"host"]),
    ),
    st.tuples(st.sampled_from([b"Expect", b"Upgrade", b"TE"]), st.sampled_from([b"100-continue", b"h2c", b"x"])),
    st.tuples(st.sampled_from([b"X-A", b"Authorization", b"Trailer", b"X(", b""]), st.binary(max_size=6)),
)
CHUNKS = st.sampled_from(
    [
        b"5\r\nhello\r\n",
        b"5;x=y\r\nhello\r\n",
        b"05\r\nhello\r\n",
        b"5\r\nhello",
        b"5\nhello\r\n",
        b"0x5\r\nhello\r\n",
        b"6\r\nhello\r\n",
    ]
)
LAST_CHUNKS = st.sampled_from(
    [b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\nX: y\r\n\r\n", b"0\r\nHost: b\r\n\r\n", b"0\n\n", b""]
)
BODIES = st.one_of(
    st.just(b""), st.just(b"hello"), st.tuples(st.lists(CHUNKS, max_size=3).map(b"".join), LAST_CHUNKS).map(b"".join), st.just(NEXT)
)  # fmt: skip


@st.composite
def requests(draw):
    line = b"".join((draw(METHODS), draw(SPACES), draw(TARGETS), draw(SPACES), draw(VERSIONS), draw(LINE_ENDS)))
    fields = [(b"Host", b"a"), *draw(st.lists(FIELDS, max_size=3))]
    head = b"".join(name + draw(COLONS) + value + draw(LINE_ENDS) for name, value in fields)
    return line + head + draw(LINE_ENDS) + draw(BODIES)


@st.composite
def mutants(draw, specimens):
    """A specimen with a few bytes replaced, put in or taken out."""
    data = draw(st.sampled_from(specimens))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        put = draw(
            st.one_of(st.just(b""), st.binary(min_size=1, max_size=2), st.sampled_from([b"\r\n", b" ", b"\0", b","]))
        )
        data = data[:at] + put + data[at + draw(st.integers(0, 2)) :]
    return data


SHORT = [data for pair in TWINS.values() for data in pair if len(data) < 2_000]
STREAMS = st.one_of(
    st.lists(requests(), min_size=1, max_size=3).map(b"".join),
    st.lists(mutants(SHORT), min_size=1, max_size=3).map(b"".join),
    st.binary(max_size=60),
)
CUTS = st.one_of(st.just([]), st.lists(st.integers(1, 30), max_size=8), st.just([1] * 400))


def parted(data, cuts):
    reads, at = [], 0
    for size in cuts:
        if at < len(data):
            reads.append(data[at : at + size])
            at += size
    return [*reads, data[at:]] if at < len(data) else reads


@given(STREAMS, CUTS, st.booleans())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_of_a_client_have_one_outcome_that_another_parser_agrees_with(data, cuts, late):
    whole = STAGE.converse([data])
    judge_requests(data, whole)
    other = STAGE.converse(parted(data, cuts), late=late)
    judge_requests(data, other)
    assert whole.reasons == other.reasons
    assert (whole.final, whole.calls) == (other.final, other.calls)


REPEATED = st.lists(
    st.one_of(requests(), st.sampled_from([NEXT, b"\r\n\r\n", b"\r\n\r", b"\n", b"GET"])), min_size=1, max_size=2
).flatmap(lambda few: st.lists(st.sampled_from(few), min_size=2, max_size=8))


@given(REPEATED, st.booleans())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_reads_that_a_client_repeats_have_the_outcome_of_their_bytes(reads, late):
    data = b"".join(reads)
    whole, other = STAGE.converse([data]), STAGE.converse(reads, late=late)
    judge_requests(data, other)
    assert whole.reasons == other.reasons
    assert (whole.final, whole.calls) == (other.final, other.calls)


ANSWERS = st.one_of(
    mutants([data for pair in ANSWER_TWINS.values() for data in pair if len(data) < 2_000]), st.binary(max_size=60)
)


@given(st.lists(ANSWERS, min_size=1, max_size=2).map(b"".join), CUTS, st.sampled_from(["GET", "HEAD"]), st.booleans())
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_bytes_of_a_backend_are_one_answer_that_another_parser_agrees_with_or_none(data, cuts, method, ended):
    whole = answer_of([data], method, ended=ended)
    judge_answer(data, whole)
    other = answer_of(parted(data, cuts), method, ended=ended)
    assert (whole.answer is None) == (other.answer is None)
    if whole.answer is not None:
        assert (whole.answer.status, bytes(whole.answer.body)) == (other.answer.status, bytes(other.answer.body))
    answer_of(parted(data, cuts), method, cut=True)


# --- the judge judges ----------------------------------------------------------------------------------------------


def test_every_twin_is_a_request_for_the_judge_too_and_reaches_the_backend_once():
    for name, (_, good) in TWINS.items():
        outcome = STAGE.converse([good])
        judge_requests(good, outcome)
        assert (False, 1) == (outcome.refused, len(outcome.requests)), name


@pytest.mark.parametrize(
    "spoil",
    [
        lambda outcome: setattr(outcome, "written", outcome.written + b"HTTP/1.1 200 OK\r\n\r\n"),
        lambda outcome: setattr(outcome, "written", outcome.written[:-1]),
        lambda outcome: outcome.statuses.append(200),
        lambda outcome: outcome.calls.append(outcome.calls[0]),
        lambda outcome: outcome.calls.__setitem__(0, outcome.calls[0]._replace(content=b"x")),
        lambda outcome: outcome.requests.reverse(),
    ],
)
def test_the_judge_sees_what_is_wrong(spoil):
    data = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + NEXT
    outcome = STAGE.converse([data])
    judge_requests(data, outcome)
    assert 2 == len(outcome.calls)
    spoil(outcome)
    with pytest.raises((AssertionError, ValueError)):
        judge_requests(data, outcome)


@pytest.mark.parametrize(
    "rest", [b"/ HTTP/1.1\r\n\r\n", b"x/ HTTP/1.1\r\n\r\n", b"/ HTTP/1.1\r\nHost : a\r\n\r\n", b"\0"]
)
@pytest.mark.parametrize("step", [1_000, 1])
def test_a_refusal_of_head_has_no_body_and_one_of_get_has(rest, step):
    bodies = []
    for method in (b"HEAD ", b"GET "):
        data = method + rest
        outcome = STAGE.converse([data[start : start + step] for start in range(0, len(data), step)])
        assert (True, [400]) == (outcome.refused, outcome.statuses)
        bodies.append(outcome.written.partition(b"\r\n\r\n")[2])
    assert [b"", b'{"message":"Bad Request"}'] == bodies
