"""Methods and integrations beyond the recordings in ../shared: conflicts, mappings, URIs, patches, timeouts."""

import pytest

from support.recorded import error_of


class Root:
    """The root resource of an API; every call is made on its GET method."""

    def __init__(self, client):
        self.client = client
        api = client.create_rest_api(name="pets")
        self.where = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}

    def __call__(self, operation, **params):
        return getattr(self.client, operation)(**{**self.where, **params})

    def refusal(self, operation, **params):
        error = error_of(lambda: self(operation, **params))["Error"]
        return error["Code"], error["Message"]

    def patch(self, operation, *operations, **params):
        sent = [{"op": op, "path": path, "value": value} for op, path, value in operations]
        return self(operation, patchOperations=sent, **params)


HTTP = {"type": "HTTP", "integrationHttpMethod": "GET", "uri": "http://example.com"}
INVALID = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [%s]"


@pytest.fixture
def bare(harness):
    return Root(harness.client("apigateway", validate=False))


@pytest.fixture
def root(bare):
    bare("put_method", authorizationType="NONE", requestParameters={"method.request.path.proxy": True})
    return bare


def test_a_method_is_put_once(root):
    expected = ("ConflictException", "Method already exists for this resource")
    assert expected == root.refusal("put_method", authorizationType="NONE")


def test_a_method_response_is_put_once(root):
    root("put_method_response", statusCode="200")
    expected = ("ConflictException", "Response already exists for this resource")
    assert expected == root.refusal("put_method_response", statusCode="200")


def test_an_unknown_authorization_type_is_refused(bare):
    assert "BadRequestException" == bare.refusal("put_method", authorizationType="MAGIC")[0]


def test_scopes_of_a_method_can_be_added_and_removed(root):
    added = root.patch("update_method", ("add", "/authorizationScopes", "a"), ("add", "/authorizationScopes", "b"))
    assert ["a", "b"] == added["authorizationScopes"]
    assert ["b"] == root.patch("update_method", ("remove", "/authorizationScopes", "a"))["authorizationScopes"]


@pytest.mark.parametrize("kind", ["HTTP", "HTTP_PROXY", "AWS"])
def test_every_type_but_mock_needs_a_verb_and_says_so_before_it_looks_at_the_uri(root, kind):
    # R: test_put_integration_validation (LocalStack's AWS-validated tests), also the four cases after it.
    expected = ("BadRequestException", "Enumeration value for HttpMethod must be non-empty")
    assert expected == root.refusal("put_integration", type=kind, uri="http://example.com")


def test_mock_needs_neither_verb_nor_uri_and_shows_none(root):
    answer = root("put_integration", type="MOCK", uri="http://example.com")
    del answer["ResponseMetadata"]
    assert {
        "type": "MOCK",
        "cacheKeyParameters": [],
        "cacheNamespace": root.where["resourceId"],
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29000,
    } == answer


def test_an_http_integration_goes_over_the_internet_unless_told(root):
    assert "INTERNET" == root("put_integration", **HTTP)["connectionType"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({**HTTP, "uri": "non-valid-http"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "type": "AWS", "uri": "non-valid-arn"}, "Invalid ARN specified in the request"),
        ({**HTTP, "timeoutInMillis": 49}, "Timeout should be between 50 ms and 29000 ms"),
        ({**HTTP, "timeoutInMillis": 29_001}, "Timeout should be between 50 ms and 29000 ms"),
        (
            {**HTTP, "requestParameters": {"integration.request.header.a": "method.request.header.a"}},
            INVALID % "Invalid mapping expression parameter specified: method.request.header.a",
        ),
        (
            {**HTTP, "requestParameters": {"integration.request.header.a": "unquoted"}},
            INVALID % "Invalid mapping expression specified: unquoted",
        ),
        (
            {**HTTP, "requestParameters": {"header.a": "'x'"}},
            INVALID % "Invalid mapping expression specified: header.a",
        ),
    ],
)
def test_integrations_that_are_refused(root, params, message):
    assert ("BadRequestException", message) == root.refusal("put_integration", **params)
    assert ("NotFoundException", "Invalid Integration identifier specified") == root.refusal("get_integration")


def test_declared_parameters_statics_and_context_can_be_mapped(root):
    mappings = {
        "integration.request.path.proxy": "method.request.path.proxy",
        "integration.request.header.stage": "context.stage",
        "integration.request.querystring.v": "'1'",
        "integration.request.header.host": "stageVariables.host",
        "integration.request.header.id": "method.request.body.id",
    }
    assert mappings == root("put_integration", **HTTP, requestParameters=mappings)["requestParameters"]


def test_every_patchable_member_of_an_integration(root):
    root("put_integration", **HTTP)
    patched = root.patch(
        "update_integration",
        ("replace", "/uri", "http://localhost:3000/{proxy}"),
        ("replace", "/httpMethod", "POST"),
        ("replace", "/timeoutInMillis", "50"),
        ("replace", "/passthroughBehavior", "NEVER"),
        ("replace", "/contentHandling", "CONVERT_TO_TEXT"),
        ("replace", "/cacheNamespace", "ns"),
        ("replace", "/tlsConfig/insecureSkipVerification", "true"),
        ("add", "/cacheKeyParameters/method.request.path.proxy", ""),
        ("add", "/requestParameters/integration.request.path.proxy", "method.request.path.proxy"),
        ("add", "/requestTemplates/application~1json", "{}"),
    )
    del patched["ResponseMetadata"]
    assert {
        "type": "HTTP",
        "connectionType": "INTERNET",
        "uri": "http://localhost:3000/{proxy}",
        "httpMethod": "POST",
        "timeoutInMillis": 50,
        "passthroughBehavior": "NEVER",
        "contentHandling": "CONVERT_TO_TEXT",
        "cacheNamespace": "ns",
        "tlsConfig": {"insecureSkipVerification": True},
        "cacheKeyParameters": ["method.request.path.proxy"],
        "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"},
        "requestTemplates": {"application/json": "{}"},
    } == patched


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("replace", "/type", "MOCK"), "Invalid patch path /type"),
        (("replace", "/timeoutInMillis", "1"), "Timeout should be between 50 ms and 29000 ms"),
        (("replace", "/timeoutInMillis", "soon"), "Timeout should be between 50 ms and 29000 ms"),
        (("replace", "/uri", "nowhere"), "Invalid HTTP endpoint specified for URI"),
        (("remove", "/uri", ""), "Invalid patch operation specified. Must be one of: [replace]"),
    ],
)
def test_a_patch_is_held_to_what_a_put_is(root, operation, message):
    root("put_integration", **HTTP)
    before = root("get_integration")["uri"]
    with pytest.raises(Exception, match="BadRequestException") as raised:
        root.patch("update_integration", operation)
    assert message == raised.value.response["Error"]["Message"]
    assert before == root("get_integration")["uri"]


def test_a_response_header_must_be_declared_before_it_is_mapped(root):
    root("put_integration", **HTTP)
    header = "method.response.header.Location"
    mapping = {"statusCode": "302", "responseParameters": {header: "integration.response.header.Location"}}
    expected = ("BadRequestException", INVALID % f"Invalid mapping expression parameter specified: {header}")
    assert expected == root.refusal("put_integration_response", **mapping)
    root("put_method_response", statusCode="302", responseParameters={header: False})
    assert mapping["responseParameters"] == root("put_integration_response", **mapping)["responseParameters"]


def test_with_an_integration_go_its_responses(root):
    root("put_integration", **HTTP)
    root("put_integration_response", statusCode="200")
    root("delete_integration")
    assert "methodIntegration" not in root("get_method")
    root("put_integration", **HTTP)
    assert ("NotFoundException", "Invalid Response status code specified") == root.refusal(
        "get_integration_response", statusCode="200"
    )
