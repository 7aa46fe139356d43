"""Resource matching: the rules of facts 2.3 one by one, then the plain version as oracle."""

import time
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatewright.core.routing.resource_tree import (
    ANY_METHODS,
    NoMethod,
    NoResource,
    ResourceMatch,
    compile_resources,
)


def tree(*resources):
    """Resources from `"GET,POST /path"`; each method answers with its own name and path."""
    return compile_resources(
        (path, {name: f"{name} {path}" for name in methods.split(",") if name})
        for methods, path in (resource.split(" ") for resource in resources)
    )


PETS = tree(
    "GET /",
    "GET,ANY /pets",
    "GET /pets/mine",
    "GET,DELETE /pets/{id}",
    "POST /pets/{id}/toys",
    "ANY /pets/{proxy+}",
    " /empty",
)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/", ("GET /", "/", {})),
        ("GET", "/pets", ("GET /pets", "/pets", {})),
        ("GET", "/pets/", ("GET /pets", "/pets", {})),
        ("PATCH", "/pets", ("ANY /pets", "/pets", {})),
        ("GET", "/pets/mine", ("GET /pets/mine", "/pets/mine", {})),
        ("GET", "/pets/7", ("GET /pets/{id}", "/pets/{id}", {"id": "7"})),
        ("GET", "/pets/7/", ("GET /pets/{id}", "/pets/{id}", {"id": "7"})),
        ("GET", "/pets/a%20b%2Fc", ("GET /pets/{id}", "/pets/{id}", {"id": "a b/c"})),
        ("GET", "/pets/a+b", ("GET /pets/{id}", "/pets/{id}", {"id": "a+b"})),
        ("GET", "/p%65ts/mine", ("GET /pets/mine", "/pets/mine", {})),
        ("POST", "/pets/7/toys", ("POST /pets/{id}/toys", "/pets/{id}/toys", {"id": "7"})),
        # Fallback on the method: the literal lacks DELETE, the parameter lacks POST.
        ("DELETE", "/pets/mine", ("DELETE /pets/{id}", "/pets/{id}", {"id": "mine"})),
        ("POST", "/pets/mine", ("ANY /pets/{proxy+}", "/pets/{proxy+}", {"proxy": "mine"})),
        ("GET", "/pets/7/toys", ("ANY /pets/{proxy+}", "/pets/{proxy+}", {"proxy": "7/toys"})),
        ("GET", "/pets/7/toys/", ("ANY /pets/{proxy+}", "/pets/{proxy+}", {"proxy": "7/toys"})),
        ("GET", "/pets/a%2Fb/%E2%82%AC", ("ANY /pets/{proxy+}", "/pets/{proxy+}", {"proxy": "a/b/€"})),
        # An empty segment lives in a greedy value only.
        ("GET", "/pets//7", ("ANY /pets/{proxy+}", "/pets/{proxy+}", {"proxy": "/7"})),
    ],
)
def test_a_request_meets_the_most_specific_resource_that_has_its_method(method, path, answer):
    assert ResourceMatch(*answer) == PETS.match(method, path)


@pytest.mark.parametrize("path", ["/cats", "//", "//pets", "*", "", "pets", "/pets//", "/%2F"])
def test_a_path_that_no_resource_has_is_refused_as_such(path):
    refusal = PETS.match("GET", path)
    assert NoResource(path) == refusal
    assert f"No resource matches the path {path!r}." == refusal.explain()


def test_a_missing_method_names_the_resource_and_what_it_has():
    refusal = PETS.match("POST", "/")
    assert NoMethod("/", "POST", "/", ("GET",)) == refusal
    assert "The resource / matches the path '/' and has only GET, not POST." == refusal.explain()


def test_a_missing_method_names_the_first_resource_in_the_order_of_precedence():
    both = tree("GET /a/b", "PUT /a/{x}")
    assert NoMethod("/a/b", "POST", "/a/b", ("GET",)) == both.match("POST", "/a/b")


def test_a_resource_without_methods_cannot_be_reached():
    refusal = PETS.match("GET", "/empty")
    assert NoMethod("/empty", "GET", "/empty", ()) == refusal
    assert "The resource /empty matches the path '/empty' and has no method at all, not GET." == refusal.explain()


def test_a_branch_with_other_children_only_falls_back_to_the_proxy():
    part = tree("GET /part1/other", "ANY /{proxy+}")
    assert ResourceMatch("ANY /{proxy+}", "/{proxy+}", {"proxy": "part1/random"}) == part.match("GET", "/part1/random")
    assert ResourceMatch("ANY /{proxy+}", "/{proxy+}", {"proxy": "part1"}) == part.match("GET", "/part1")
    assert NoResource("/") == part.match("GET", "/")


@pytest.mark.parametrize("path", ["/parent", "/parent/"])
def test_a_greedy_parameter_needs_a_character(path):
    assert NoResource(path) == tree("GET /parent/{proxy+}").match("GET", path)


@pytest.mark.parametrize("method", ANY_METHODS)
def test_any_covers_the_seven_methods(method):
    assert "ANY /a" == tree("ANY /a").match(method, "/a").method


@pytest.mark.parametrize("method", ["ANY", "TRACE", "PROPFIND", "get"])
def test_any_covers_no_other_method(method):
    assert NoMethod("/a", method, "/a", ANY_METHODS) == tree("ANY /a").match(method, "/a")


def test_head_is_not_derived_from_get():
    assert isinstance(tree("GET /a").match("HEAD", "/a"), NoMethod)


def test_an_encoded_slash_in_a_template_does_not_divide_segments():
    odd = tree("GET /a%2Fb", "GET /a/b")
    assert "GET /a%2Fb" == odd.match("GET", "/a%2Fb").method
    assert "GET /a/b" == odd.match("GET", "/a/b").method


@pytest.mark.parametrize(
    ("templates", "sentence"),
    [
        (["pets"], "The resource path 'pets' does not begin with a slash."),
        (["/a//b"], "The resource path '/a//b' has an empty path part."),
        (["/{p+}/a"], "The resource path '/{p+}/a' goes on after the greedy parameter {p+}."),
        (["/{a+}", "/{b+}"], "The resource paths '/{a+}' and '/{b+}' match the same requests."),
        (["/a", "/%61"], "The resource paths '/a' and '/%61' match the same requests."),
        (["/{a}", "/{b}/c"], "The resource path '/{b}/c' calls a parameter {b} that a sibling calls {a}."),
    ],
)
def test_templates_that_contradict_are_refused_when_compiled(templates, sentence):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the sentence is compared whole below
        compile_resources((template, {}) for template in templates)
    assert sentence == str(refusal.value)


def test_the_repr_says_how_large_the_tree_is():
    assert "<ResourceTree of 7 resources, 4 of them literal>" == repr(PETS)


# --- the plain version ------------------------------------------------------------------------------------------------


def plain_match(resources, method, path):
    """Try every template; rank the ones that match by precedence per segment; take the first with the method."""
    if not path.startswith("/"):
        return None
    segments = path.split("/")[1:]
    if segments[-1] == "":
        segments = segments[:-1]
    ranked = []
    for template, methods in resources:
        parts = [] if template == "/" else template[1:].split("/")
        rank, parameters = [], {}
        for index, part in enumerate(parts):
            if part.endswith("+}"):
                value = "/".join(segments[index:])
                if not value:
                    break
                rank.append(2)
                parameters[part[1:-2]] = unquote(value)
                ranked.append((rank, template, methods, parameters))
                break
            if index >= len(segments) or not segments[index]:
                break
            if part.startswith("{"):
                rank.append(1)
                parameters[part[1:-1]] = unquote(segments[index])
            elif part == unquote(segments[index]):
                rank.append(0)
            else:
                break
        else:
            if len(parts) == len(segments):
                ranked.append((rank, template, methods, parameters))
    for _, template, methods, parameters in sorted(ranked, key=lambda one: one[0]):
        if method in methods:
            return methods[method], template, parameters
        if "ANY" in methods and method in ANY_METHODS:
            return methods["ANY"], template, parameters
    return None


PARTS = st.sampled_from(["a", "b", "ab", "{p}"])
TEMPLATES = st.builds(
    lambda parts, end: "/" + "/".join([*parts, *end]),
    st.lists(PARTS, max_size=4),
    st.sampled_from([[], [], ["{rest+}"]]),
)
METHODS = st.sets(st.sampled_from(["GET", "POST", "ANY"]), max_size=2)
PATHS = st.builds(
    lambda segments: "/" + "/".join(segments),
    st.lists(st.sampled_from(["a", "b", "ab", "", "c", "%61", "a%2Fb"]), max_size=6),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEMPLATES, METHODS, max_size=12), st.sampled_from(["GET", "POST", "PUT", "TRACE"]), PATHS)
@example({"/a/b": set(), "/{p}/{rest+}": {"ANY"}}, "GET", "/a/b/")
def test_the_tree_agrees_with_trying_every_template(templates, method, path):
    resources = [(template, {name: (name, template) for name in names}) for template, names in templates.items()]
    found = compile_resources(resources).match(method, path)
    expected = plain_match(resources, method, path)
    assert expected == (tuple(found) if isinstance(found, ResourceMatch) else None)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12), st.text(max_size=40).map("/{}".format) | st.text(max_size=40))
def test_any_method_and_path_are_a_match_or_a_refusal(method, path):
    assert isinstance(PETS.match(method, path), ResourceMatch | NoResource | NoMethod)


def test_bytes_that_are_no_utf_8_are_replaced_in_parameters():
    assert {"id": "a\ufffdb"} == PETS.match("GET", "/pets/a%ffb").path_parameters


def test_the_walk_visits_no_more_nodes_than_the_tree_has_when_everything_branches():
    """Literal and parameter at each of ten levels, and only the very last leaf has the method."""
    paths = [""]
    for _ in range(10):
        paths = [path + part for path in paths for part in ("/a", "/{p}")]
    worst = compile_resources((path, {"GET": path}) for path in [*paths[:-1], "/{p}" * 9 + "/b"])
    began = time.perf_counter()
    assert isinstance(worst.match("POST", "/a" * 10), NoMethod)
    assert isinstance(worst.match("GET", "/a" * 10 + "/x"), NoResource)
    # At most 2,047 nodes, each visited once: a few milliseconds. A walk that came back to a node for every way of
    # reaching what is below it would take seconds.
    assert time.perf_counter() - began < 1.0


def test_siblings_and_long_paths_cost_nothing():
    wide = compile_resources((f"/r{number}/{{id}}", {"GET": number}) for number in range(20_000))
    began = time.perf_counter()
    for _ in range(1_000):
        wide.match("GET", "/r19999/7")
    # Some 2 ms in all; a loop over the resources would take half a minute.
    assert time.perf_counter() - began < 0.5
    began = time.perf_counter()
    assert isinstance(wide.match("GET", "/r1" * 20_000), NoResource)
    assert time.perf_counter() - began < 0.5
