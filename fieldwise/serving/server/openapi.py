"""The OpenAPI document of a server, made from the fields of its rankers.

Source: OpenAPI Specification 3.1.0; its schemas are JSON Schema 2020-12.
"""

from typing import Any

from fieldwise import __version__
from fieldwise.serving.server.arrow import ARROW
from fieldwise.serving.server.http import JSON
from fieldwise.serving.server.openapi_answers import (
    PROBLEM,
    answers,
    explain_answer,
    predict_answer,
    rank_answer,
    rankers_answer,
    schema_answer,
)
from fieldwise.serving.server.served import Served
from fieldwise.serving.server.settings import Limits
from fieldwise.serving.server.shelf import Shelf

__all__ = ["openapi_of"]

_ABOUT = (
    "Scores raw rows, orders candidates and explains both. Every answer names the "
    "version of the ranker it came from; every problem has one form (RFC 9457)."
)
_BINARY = {"type": "string", "format": "binary"}


def openapi_of(shelf: Shelf, limits: Limits, *, has_token: bool) -> dict[str, Any]:
    """Describe every path of a server.

    Args:
        shelf: the rankers.
        limits: of requests.
        has_token: whether clients must send one.

    Returns:
        The document as JSON types.
    """
    paths: dict[str, Any] = {
        "/healthz": _get("Whether the process lives.", "healthz", _STATUS),
        "/readyz": _get("Whether requests are welcome.", "readyz", _STATUS, 503),
        "/metrics": _get("Counts for Prometheus.", "metrics", None, 401),
        "/v1/rankers": _get("What is served.", "rankers", rankers_answer(), 401),
    }
    places = [("/v1", shelf.names[0])]
    if len(shelf.names) > 1:
        places += [(f"/v1/rankers/{name}", name) for name in shelf.names]
    for place, name in places:
        paths |= _paths(place, shelf.get(name), limits)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "fieldwise", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {"schemas": {"Problem": PROBLEM}},
    }
    if has_token:
        scheme = {"type": "http", "scheme": "bearer"}
        document["components"]["securitySchemes"] = {"token": scheme}
        document["security"] = [{"token": []}]
        for path in ("/healthz", "/readyz"):
            paths[path]["get"]["security"] = []
    return document


_STATUS = {
    "type": "object",
    "properties": {"status": {"type": "string"}},
    "required": ["status"],
}


def _get(
    summary: str, name: str, schema: dict[str, Any] | None, *statuses: int
) -> dict[str, Any]:
    if schema is None:
        content: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}
    else:
        content = {JSON: {"schema": schema}}
    told = {"summary": summary, "operationId": name}
    return {"get": {**told, "responses": answers(content, *statuses)}}


def _paths(place: str, served: Served, limits: Limits) -> dict[str, Any]:
    labels = list(served.ranker.schema.label_names)
    label = {"type": "string", "enum": labels, "default": labels[0]}
    row = _row(served)
    rows = {"type": "array", "items": row, "minItems": 1}
    predict = _object({"rows": {**rows, "maxItems": limits.rows}}, ["rows"])
    explained = {**rows, "maxItems": limits.explained}
    explain = _object({"rows": explained, "label": label}, ["rows"])
    rank = _rank(served, limits, label)
    example = served.typical
    predicted = {JSON: {"schema": predict_answer(served)}, ARROW: {"schema": _BINARY}}
    asked = {
        JSON: {"schema": predict, "example": {"rows": example[:2]}},
        ARROW: {"schema": _BINARY},
    }
    return {
        f"{place}/predict": _post("Score rows.", place, "predict", asked, predicted),
        f"{place}/rank": _post(
            "Order candidates that share a context; each field stands in one of both.",
            place,
            "rank",
            {JSON: {"schema": rank, "example": _rank_example(example)}},
            {JSON: {"schema": rank_answer(served)}},
        ),
        f"{place}/explain": _post(
            "Say what each field adds to the logit of rows.",
            place,
            "explain",
            {JSON: {"schema": explain, "example": {"rows": example[:1]}}},
            {JSON: {"schema": explain_answer(served)}},
        ),
        f"{place}/schema": _get(
            "What rows must look like.",
            _operation(place, "schema"),
            schema_answer(),
            401,
        ),
    }


def _row(served: Served) -> dict[str, Any]:
    properties = {rule.name: rule.json_schema for rule in served.rules}
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "description": "Keys that are no fields are ignored.",
    }


def _rank(served: Served, limits: Limits, label: dict[str, Any]) -> dict[str, Any]:
    part = {key: value for key, value in _row(served).items() if key != "required"}
    candidates = {"type": "array", "items": part, "minItems": 1}
    members = {
        "context": part,
        "candidates": {**candidates, "maxItems": limits.candidates},
        "top": {"type": "integer", "minimum": 1},
        "label": label,
        "explain": {
            "type": "boolean",
            "default": False,
            "description": f"Of at most {limits.explained} candidates.",
        },
    }
    return _object(members, ["candidates"])


def _rank_example(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The first half of the fields as the context."""
    names = list(rows[0])
    shared = names[: len(names) // 2]
    context = {name: rows[0][name] for name in shared}
    own = [{n: row[n] for n in names if n not in shared} for row in rows[:3]]
    return {"context": context, "candidates": own, "top": 2}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _operation(place: str, name: str) -> str:
    ranker = place.removeprefix("/v1").removeprefix("/rankers/")
    return f"{ranker}.{name}" if ranker else name


def _post(
    summary: str, place: str, name: str, asked: dict[str, Any], said: dict[str, Any]
) -> dict[str, Any]:
    return {
        "post": {
            "summary": summary,
            "operationId": _operation(place, name),
            "requestBody": {"required": True, "content": asked},
            "responses": answers(
                said, 400, 401, 408, 413, 415, 422, 429, 500, 503, 504
            ),
        }
    }
