"""The API page: made from the application's own description."""

from __future__ import annotations

import html
import re
import shlex

from dualtrack.web.pages.api import operations


def test_every_operation_of_the_description_is_on_the_page(client):
    page = html.unescape(client.get("/api").text)
    document = client.get("/openapi.json").json()
    described = [(method.upper(), path) for path, found in document["paths"].items() for method in found]
    assert ("GET", "/api/v1/facts/{id}") in described
    for method, path in described:
        assert f"<code>{method} {path}</code>" in page
    assert 'href="/openapi.json"' in page


def test_every_example_of_chips_rules_and_facts_can_be_run_as_it_stands(client):
    found = list(operations(client.get("/openapi.json").json(), "http://localhost"))
    tried = [one for one, tag in found if tag in ("chips", "rules", "facts")]
    assert len(tried) == 6
    page = html.unescape(client.get("/api").text)
    for operation in tried:
        assert operation.example in page
        command, address = shlex.split(operation.example)
        assert command == "curl"
        answer = client.get(address.removeprefix("http://localhost"))
        assert answer.status_code == 200 and answer.json(), operation.example


def test_parameters_and_refusals_are_told(client):
    page = client.get("/api").text
    section = re.findall(r'<section id="facts_api_v1_facts_get".*?</section>', page, flags=re.S)[0]
    assert "<code>known_by</code>" in section and "all words" not in section
    assert "<dt>422</dt>" in section and "<code>dualtrack facts --json</code>" in section


def test_an_id_that_only_the_service_gives_out_is_left_to_the_reader():
    document = {
        "paths": {
            "/things/{id}": {
                "post": {
                    "operationId": "make",
                    "summary": "Make",
                    "parameters": [
                        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                    ],
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                    },
                    "responses": {"200": {"description": "Done"}, "404": {"description": "Not there"}},
                }
            }
        }
    }
    document["components"] = {
        "schemas": {"Thing": {"properties": {"size": {"examples": [3]}, "note": {"type": "string"}}}}
    }
    ((operation, tag),) = operations(document, "http://localhost:1")
    assert tag == "other" and operation.refusals == (("404", "Not there"),)
    assert operation.example == (
        "curl -X POST http://localhost:1/things/ID -H 'Content-Type: application/json' -d '{\"size\": 3}'"
    )


def test_a_form_is_sent_with_its_files(client):
    found = {(one.method, one.path): one for one, _ in operations(client.get("/openapi.json").json(), "")}
    example = found["POST", "/api/v1/allocate"].example
    assert "=@FILE" in example and "Content-Type" not in example
