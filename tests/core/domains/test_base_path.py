"""Base paths: longest whole-segment match, and the loop over all mappings as oracle."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatewright.core.domains.base_path import (
    BasePathMatch,
    BasePaths,
    parse_base_path,
    render_base_path,
)

MAPPINGS = {"v1": "one", "v1/pets": "pets", "v1/pets/old": "old", "v2": "two"}


@pytest.mark.parametrize(
    ("path", "match"),
    [
        ("/v1", ("one", "v1", "/")),
        ("/v1/", ("one", "v1", "/")),
        ("/v1/cats/7", ("one", "v1", "/cats/7")),
        ("/v1/petshop", ("one", "v1", "/petshop")),
        ("/v1/pets", ("pets", "v1/pets", "/")),
        ("/v1/pets/7/", ("pets", "v1/pets", "/7/")),
        ("/v1/pets/old/7", ("old", "v1/pets/old", "/7")),
        ("/v1//pets", ("one", "v1", "//pets")),
    ],
)
def test_the_longest_base_path_of_whole_segments_wins(path, match):
    assert BasePathMatch(*match) == BasePaths(MAPPINGS).select(path)


@pytest.mark.parametrize("path", ["/", "/v", "/v10", "/V1", "/v%31", "//v1", "/other/v1", "", "v1", "*"])
def test_a_path_under_no_base_path_has_no_mapping(path):
    assert BasePaths(MAPPINGS).select(path) is None


@pytest.mark.parametrize("path", ["/", "/v10", "//v1", "/pets/"])
def test_the_mapping_without_base_path_takes_what_no_other_does(path):
    assert BasePathMatch("root", "", path) == BasePaths({**MAPPINGS, "": "root"}).select(path)


def test_no_mappings_match_nothing():
    assert BasePaths({}).select("/") is None


def test_the_repr_names_the_base_paths():
    assert "<BasePaths (none) v1 v1/pets>" == repr(BasePaths({"v1": 1, "": 2, "v1/pets": 3}))


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [("", "", "(none)"), ("(none)", "", "(none)"), ("v1", "v1", "v1"), ("a-Z_0.$!*'()/b+c",) * 3],
)
def test_a_base_path_is_stored_and_shown(typed, stored, shown):
    assert stored == parse_base_path(typed)
    assert shown == render_base_path(stored)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a b", "The base path 'a b' contains ' '; letters, digits and $-_.+!*'()/ can be used."),
        ("é", "The base path 'é' contains 'é'; letters, digits and $-_.+!*'()/ can be used."),
        ("/v1", "The base path '/v1' has an empty segment; slashes only stand between segments."),
        ("v1//a", "The base path 'v1//a' has an empty segment; slashes only stand between segments."),
        ("a" * 301, "The base path has 301 characters, and 300 is the most there may be."),
    ],
)
def test_what_is_no_base_path_is_refused_with_the_rule_it_breaks(typed, said):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is compared whole
        parse_base_path(typed)
    assert said == str(caught.value)


def plain_select(mappings, path):
    """Look at every mapping; keep the longest that is the path's beginning up to a slash or its end."""
    best = None
    for base_path, mapping in mappings.items():
        fits = not base_path or path == f"/{base_path}" or path.startswith(f"/{base_path}/")
        if fits and (best is None or len(base_path) > len(best[1])):
            rest = path[len(base_path) + 1 :] if base_path else path
            best = (mapping, base_path, rest or "/")
    return best


SEGMENTS = st.sampled_from(["a", "b", "ab", "v1"])
BASE_PATHS = st.lists(SEGMENTS, max_size=4).map("/".join)
PATHS = st.lists(st.one_of(SEGMENTS, st.just("")), max_size=6).map(lambda parts: "/" + "/".join(parts))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(BASE_PATHS, st.integers(), max_size=8), PATHS)
def test_the_lookups_agree_with_the_loop_over_mappings(mappings, path):
    assert plain_select(mappings, path) == BasePaths(mappings).select(path)
