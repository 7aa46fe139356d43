import pytest

from gatewright.core.http.target import has_dot_segment


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/a",
        "/a/.b",
        "/a/...",
        "/a./b",
        "/%2eb",
        "/a/b..",
        "/a\\.b",
        "/..b;c",
        "/a;/b",
        "/.well-known/x",
        "/a/%2e%2e%2e",
    ],
)
def test_a_segment_that_only_begins_with_a_dot_is_a_name_like_any_other(path):
    assert not has_dot_segment(path)


@pytest.mark.parametrize(
    "path",
    [
        "/.",
        "/..",
        "/a/../b",
        "/a/./b",
        "/a/..",
        "/%2e%2E/b",
        "/a/%2e./b",
        "/a%2f..%2fb",
        "/a/%2E",
        "/a\\..\\b",
        "/a%5c..%5Cb",
        "/a\\..",
        "/..;/b",
        "/a/.;x=1/b",
        "/%2e%2e%3b/b",
    ],
)
def test_a_segment_that_the_next_hop_would_resolve_is_found_however_it_is_spelt(path):
    assert has_dot_segment(path)
