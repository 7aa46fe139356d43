"""Models, through a client; the recorded cases first."""

import json

import pytest

from support.recorded import ACCOUNT, Recorded, error_of

CALC_OUTPUT = {
    "title": "Calc output",
    "type": "object",
    "properties": {
        "a": {"type": "number"},
        "b": {"type": "number"},
        "op": {"description": "operation of +, -, * or /", "type": "string"},
        "c": {"type": "number"},
    },
    "required": ["a", "b", "op"],
}


def schema(title):
    return json.dumps({"title": title, "type": "object"})


@pytest.fixture
def client(harness):
    return harness.client("apigateway", account=ACCOUNT)


@pytest.fixture
def api_id(client):
    return client.create_rest_api(name="models")["id"]


def test_a_model_s_life_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayApiModels::test_model_lifecycle")
    made = client.create_model(
        restApiId=api_id,
        name="CalcOutput",
        contentType="application/json",
        description="Calc output model",
        schema=json.dumps(CALC_OUTPUT),
    )
    recorded.check("create-model", made)
    models = client.get_models(restApiId=api_id)
    assert ["CalcOutput", "Empty", "Error"] == [model["name"] for model in models["items"]]
    recorded.check("get-models", models)
    recorded.check("get-model", client.get_model(restApiId=api_id, modelName="CalcOutput"))
    recorded.check("del-model", client.delete_model(restApiId=api_id, modelName="CalcOutput"))
    recorded.check_complete()


def test_refusals_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayApiModels::test_model_validation")
    model = {"name": "MySchema", "contentType": "application/json", "schema": schema("MySchema")}
    recorded.check("create-model-wrong-id", lambda: client.create_model(restApiId="abcde0", **model))
    recorded.check("get-models-wrong-id", lambda: client.get_models(restApiId="abcde0"))
    recorded.check("get-model-wrong-id", lambda: client.get_model(restApiId="abcde0", modelName="MySchema"))
    recorded.check("del-model-wrong-id", lambda: client.delete_model(restApiId="abcde0", modelName="MySchema"))
    client.create_model(restApiId=api_id, **model)
    for name, changes in {
        "create-model-already-exists": {},
        "create-model-empty-name": {"name": ""},
        "create-model-empty-schema": {"name": "MyEmptySchema", "schema": ""},
        "create-model-no-schema-json": {"name": "MyEmptySchema", "schema": None},
        "create-model-no-schema-xml": {"name": "Other", "schema": None, "contentType": "application/xml"},
    }.items():
        given = {key: value for key, value in {**model, **changes}.items() if value is not None}
        recorded.check(name, lambda given=given: client.create_model(restApiId=api_id, **given))
    recorded.check_complete()


def test_an_update_as_recorded(shared, client, api_id):
    recorded = Recorded(shared, "TestApiGatewayApiModels::test_update_model")
    change = [
        {"op": "replace", "path": "/schema", "value": schema("Updated schema")},
        {"op": "replace", "path": "/description", "value": ""},
    ]

    def update(*operations, api_id=api_id, name="MySchema"):
        return client.update_model(restApiId=api_id, modelName=name, patchOperations=list(operations))

    recorded.check("update-model-wrong-id", lambda: update(*change, api_id="abcde0", name="mySchema"))
    made = client.create_model(
        restApiId=api_id, name="MySchema", contentType="application/json", description="", schema=schema("MySchema")
    )
    recorded.check("create-model", made)
    recorded.check("update-model", update(*change))
    for name, op, path, value in (
        ("update-model-invalid-op", "add", "/wrong-path", "x"),
        ("update-model-invalid-path", "replace", "/name", "x"),
        ("update-model-empty-schema", "replace", "/schema", ""),
    ):
        recorded.check(name, lambda op=op, path=path, value=value: update({"op": op, "path": path, "value": value}))
    recorded.check_complete()


def test_a_model_that_a_method_names_cannot_be_deleted_as_recorded(shared, client):
    recorded = Recorded(shared, "TestApiGatewayApiMethod::test_put_method_model")
    api = client.create_rest_api(name="referring")
    api_id, root = api["id"], api["rootResourceId"]

    def create(name):
        return client.create_model(
            restApiId=api_id, name=name, contentType="application/json", description="", schema=schema(name)
        )

    def put_method(resource, model):
        return client.put_method(
            restApiId=api_id,
            resourceId=resource,
            httpMethod="ANY",
            authorizationType="NONE",
            requestModels={"application/json": model},
        )

    def update_method(resource, op, model):
        operation = {"op": op, "path": "/requestModels/application~1json", "value": model}
        return client.update_method(
            restApiId=api_id, resourceId=resource, httpMethod="ANY", patchOperations=[operation]
        )

    def delete(name):
        return client.delete_model(restApiId=api_id, modelName=name)

    recorded.check("create-model", create("MySchema"))
    recorded.check("create-model-2", create("MySchemaTwo"))
    recorded.check("put-method-request-models", put_method(root, "MySchema"))
    recorded.check("delete-model-used", lambda: delete("MySchema"))
    recorded.check("update-method-model", update_method(root, "replace", "MySchemaTwo"))
    recorded.check("delete-model-unused", delete("MySchema"))
    recorded.check("delete-model-used-2", lambda: delete("MySchemaTwo"))
    child = client.create_resource(restApiId=api_id, parentId=root, pathPart="test")["id"]
    recorded.check("put-method-2-request-models", put_method(child, "MySchemaTwo"))
    recorded.check("delete-model-used-by-2-method", lambda: delete("MySchemaTwo"))
    recorded.check("update-method-model-2", update_method(child, "remove", "MySchemaTwo"))
    recorded.check("delete-model-used-by-method-1", lambda: delete("MySchemaTwo"))
    gone = client.delete_method(restApiId=api_id, resourceId=root, httpMethod="ANY")
    recorded.check("delete-method-using-model-2", gone)
    recorded.check("delete-model-unused-2", delete("MySchemaTwo"))
    recorded.check_complete()


def test_a_model_that_a_method_response_names_cannot_be_deleted(client):
    api = client.create_rest_api(name="answering")
    method = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE")
    client.put_method_response(**method, statusCode="200", responseModels={"application/json": "Empty"})
    error = error_of(lambda: client.delete_model(restApiId=api["id"], modelName="Empty"))
    assert ("ConflictException", "Cannot delete model 'Empty', is referenced in method response: //GET/200") == (
        error["Error"]["Code"],
        error["Error"]["Message"],
    )


@pytest.mark.parametrize("name", ["My-Schema", "My Schema", "Sch\u00e9ma"])
def test_a_name_is_alphanumeric(client, api_id, name):
    error = error_of(lambda: client.create_model(restApiId=api_id, name=name, contentType="a/b", schema=schema("x")))
    assert f"Model name must be alphanumeric: {name}" == error["Error"]["Message"]


def test_a_flattened_schema_stands_alone(client, api_id):
    def create(name, other, api=api_id):
        reference = f"https://apigateway.amazonaws.com/restapis/{api}/models/{other}"
        text = json.dumps({"title": name, "properties": {"next": {"$ref": reference}}, "anyOf": [{"type": "object"}]})
        client.create_model(restApiId=api_id, name=name, contentType="application/json", schema=text)

    create("A", "B")
    create("B", "A")
    create("C", "A", api="otherapi00")
    plain = client.get_model(restApiId=api_id, modelName="A")["schema"]
    assert "https://apigateway.amazonaws.com" in plain
    flat = json.loads(client.get_model(restApiId=api_id, modelName="A", flatten=True)["schema"])
    assert {"$ref": "#/definitions/B"} == flat["properties"]["next"]
    assert {"A", "B"} == set(flat["definitions"])
    assert {"$ref": "#/definitions/A"} == flat["definitions"]["B"]["properties"]["next"]
    # A model of another API is none of ours to read.
    alone = json.loads(client.get_model(restApiId=api_id, modelName="C", flatten=True)["schema"])
    assert "definitions" not in alone


def test_models_come_in_pages(client, api_id):
    first = client.get_models(restApiId=api_id, limit=1)
    assert ["Empty"] == [model["name"] for model in first["items"]]
    second = client.get_models(restApiId=api_id, limit=1, position=first["position"])
    assert ["Error"] == [model["name"] for model in second["items"]]
    assert "position" not in second


def test_a_template_is_suggested_from_the_model_and_those_it_refers_to(client, api_id):
    # D: the CLI reference's example for the model Empty.
    assert (
        "#set($inputRoot = $input.path('$'))\n{\n}"
        == client.get_model_template(restApiId=api_id, modelName="Empty")["value"]
    )
    client.create_model(restApiId=api_id, name="Op", contentType="application/json", schema=schema("Op"))
    reference = {"$ref": f"https://apigateway.amazonaws.com/restapis/{api_id}/models/Op"}
    nested = json.dumps({"type": "object", "properties": {"op": reference, "a": {"type": "number"}}})
    client.create_model(restApiId=api_id, name="Input", contentType="application/json", schema=nested)
    assert (
        '#set($inputRoot = $input.path(\'$\'))\n{\n  "op" : {\n  },\n  "a" : $inputRoot.a\n}'
        == client.get_model_template(restApiId=api_id, modelName="Input")["value"]
    )
    with pytest.raises(client.exceptions.NotFoundException, match="Invalid model name specified: Gone"):
        client.get_model_template(restApiId=api_id, modelName="Gone")
