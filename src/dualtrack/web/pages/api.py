"""API: what the interface offers, made from its own description."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from dualtrack.web.templating import page

router = APIRouter()

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    place: str
    is_required: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of the interface.

    Attributes:
        refusals: Statuses of refusals with their meaning.
        example: A command that asks it.
    """

    anchor: str
    method: str
    path: str
    words: str
    parameters: tuple[Parameter, ...]
    refusals: tuple[tuple[str, str], ...]
    example: str


@router.get("/api")
async def api(request: Request) -> HTMLResponse:
    """The operations by subject."""
    document = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for operation, tag in operations(document, str(request.base_url).rstrip("/")):
        groups.setdefault(tag, []).append(operation)
    return page(request, "api.html.j2", page="api", about=document["info"]["description"], groups=groups)


def operations(document: Mapping[str, Any], base: str) -> Iterator[tuple[Operation, str]]:
    """Every operation of an OpenAPI document, with its subject."""
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            if method not in METHODS:
                continue
            parameters = [_parameter(each) for each in found.get("parameters", [])]
            _, schema = _sent(found, document)
            for name, field in schema.get("properties", {}).items():
                is_required = name in schema.get("required", ())
                parameters.append(Parameter(name, "body", is_required, field.get("description", "")))
            yield (
                Operation(
                    anchor=found["operationId"],
                    method=method.upper(),
                    path=path,
                    words=found.get("description") or found["summary"],
                    parameters=tuple(parameters),
                    refusals=tuple(
                        (status, each["description"])
                        for status, each in found["responses"].items()
                        if status.startswith(("4", "5"))
                    ),
                    example=_example(base, path, method, found, document),
                ),
                next(iter(found.get("tags", ())), "other"),
            )


def _parameter(found: Mapping[str, Any]) -> Parameter:
    schema = found.get("schema", {})
    words = found.get("description") or schema.get("description") or ""
    return Parameter(found["name"], found["in"], found.get("required", False), words)


def _example(base: str, path: str, method: str, found: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    query = []
    for parameter in found.get("parameters", []):
        example = _given(parameter)
        if parameter["in"] == "path":
            # In capitals what the reader has to put in.
            given = parameter["name"].upper() if example is None else quote(str(example))
            path = path.replace(f"{{{parameter['name']}}}", given)
        elif example is not None or parameter.get("required"):
            query.append((parameter["name"], parameter["name"].upper() if example is None else example))
    address = f"{base}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
    verb = ["-X", method.upper()] if method != "get" else []
    return " ".join(["curl", *verb, shlex.quote(address), *_body(found, document)])


def _body(found: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The part of a command that sends a body: the files of a form, or the fields that have examples."""
    kind, schema = _sent(found, document)
    fields = schema.get("properties", {})
    if kind == "multipart/form-data":
        return [
            part
            for name in schema.get("required", ())
            for part in ("-F", f"{name}={_form_value(fields[name])}")
        ]
    if not kind:
        return []
    given = {name: _given(field) for name, field in fields.items() if _given(field) is not None}
    return ["-H", shlex.quote(f"Content-Type: {kind}"), "-d", shlex.quote(json.dumps(given))]


def _sent(found: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The kind of an operation's body and the schema of its fields; empty where it takes none."""
    for kind, described in found.get("requestBody", {}).get("content", {}).items():
        schema = described.get("schema", {})
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return kind, schema
    return "", {}


def _form_value(field: Mapping[str, Any]) -> str:
    return "@FILE" if field.get("format") == "binary" or "contentMediaType" in field else "VALUE"


def _given(parameter: Mapping[str, Any]) -> Any:
    """The first example of a parameter, of its own or of its schema."""
    for place in (parameter, parameter.get("schema", {})):
        examples = place.get("examples")
        if examples:
            first = next(iter(examples.values())) if isinstance(examples, Mapping) else examples[0]
            return first["value"] if isinstance(first, Mapping) and "value" in first else first
        if "example" in place:
            return place["example"]
    return None
