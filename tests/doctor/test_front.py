"""Which behavior and origin a path meets, and which headers get through."""

import pytest

from gatewright.doctor.front import Behavior, Distribution, HeaderRule, Origin


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "/", True),
        ("/api/*", "/api/pets", True),
        ("api/*", "/api/pets", True),
        ("/api/*", "/API/pets", False),
        ("/api/*", "/v1/api/pets", False),
        ("*.json", "/a/b.json", True),
        ("/a?c", "/abc", True),
        ("/a?c", "/abbc", False),
        ("/a.c", "/abc", False),
    ],
)
def test_a_pattern_has_stars_question_marks_and_case(pattern, path, fits):
    assert fits is Behavior(pattern, "api").fits(path)


@pytest.mark.parametrize(
    ("behavior", "headers", "passed"),
    [
        ("none", (), set()),
        ("whitelist", ("Host",), {"host"}),
        ("whitelist", ("*",), {"host", "Authorization"}),
        ("allViewer", (), {"host", "Authorization"}),
        ("allViewerAndWhitelistCloudFront", ("CloudFront-Viewer-Country",), {"host", "Authorization"}),
        ("allExcept", ("HOST",), {"Authorization"}),
        ("something new", ("Host",), set()),
    ],
)
def test_a_rule_passes_what_its_words_say(behavior, headers, passed):
    rule = HeaderRule("a policy", behavior, headers)
    assert passed == {name for name in ("host", "Authorization") if rule.passes(name)}


def test_one_rule_that_passes_a_header_is_enough_and_an_unread_one_tells_nothing():
    cache, request = HeaderRule("cache", "none"), HeaderRule("request", "allViewer")
    assert Behavior("*", "api", (cache, request)).passes("Host") is True
    assert Behavior("*", "api", (cache,)).passes("Host") is False
    assert Behavior("*", "api", None).passes("Host") is None


def test_the_first_behavior_that_fits_decides_and_an_origin_group_cannot_be_told():
    api, files = Origin("api", "api.example.com"), Origin("files", "files.s3.amazonaws.com")
    behaviors = (Behavior("/api/*", "api"), Behavior("/g/*", "a-group"), Behavior("*", "files"))
    front = Distribution("E1", "d1.cloudfront.net", origins=(api, files), behaviors=behaviors)
    assert api == front.select_route("/api/pets").origin
    assert files == front.select_route("/").origin
    assert front.select_route("/g/x") is None
