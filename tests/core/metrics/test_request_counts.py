from hypothesis import given
from hypothesis import strategies as st

from gatewright.core.metrics.request_counts import RequestCounts, decode_counts

requests = st.lists(
    st.tuples(st.integers(100, 599), st.integers(0, 30_000), st.one_of(st.none(), st.integers(0, 30_000))), max_size=30
)


def counted(some):
    made = RequestCounts()
    for request in some:
        made.add(*request)
    return made


@given(requests)
def test_every_request_is_counted_in_its_class(some):
    counts = counted(some)
    told = (counts.redirections, counts.client_errors, counts.server_errors, counts.latency.count)
    of_class = [sum(1 for status, _, _ in some if status // 100 == number) for number in (3, 4, 5)]
    assert (*of_class, len(some)) == told
    assert sum(1 for _, _, latency in some if latency is not None) == counts.integration_latency.count


@given(requests, requests)
def test_two_merged_are_the_counts_of_all(some, others):
    merged = counted(some)
    merged.merge(counted(others))
    assert sorted_buckets(counted(some + others)) == sorted_buckets(merged)


def sorted_buckets(counts):
    *numbers, latency, integration = counts.encode()
    return numbers, latency[:4], integration[:4], counts.latency.buckets, counts.integration_latency.buckets


@given(requests)
def test_what_is_encoded_is_decoded(some):
    assert counted(some).encode() == decode_counts(counted(some).encode()).encode()


def test_it_says_what_it_is():
    assert "<RequestCounts of 2: 1 4xx, 0 5xx>" == repr(counted([(200, 1, None), (404, 1, None)]))
