"""What answers look like, as JSON Schema."""

from collections.abc import Mapping
from typing import Any

from fieldwise.serving.server.problem import CONTENT_TYPE
from fieldwise.serving.server.served import Served

__all__ = [
    "PROBLEM",
    "STATUSES",
    "answers",
    "explain_answer",
    "predict_answer",
    "rank_answer",
    "rankers_answer",
    "schema_answer",
]

STATUSES: Mapping[int, str] = {
    400: "The body is broken: no JSON, or no Arrow.",
    401: "The token is missing or wrong.",
    404: "There is no such path, or no such ranker.",
    405: "The path takes another method.",
    408: "The client sent its request too slowly.",
    413: "The body is too large.",
    415: "The body is of a type that is not read.",
    422: "Values are wrong, or too many; the problem names row and field.",
    429: "Too many requests wait already; Retry-After says when to come back.",
    500: "The server failed; the request is in its log.",
    503: "The server is about to stop; Retry-After says when to come back.",
    504: "There was no answer in time.",
}
"""What each status means that is no success."""

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_COUNT = {"type": "integer", "minimum": 0}
_NULLABLE = {"type": ["string", "null"]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


PROBLEM = _object(
    {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": _object(
                {
                    "rule": _TEXT,
                    "remedy": _TEXT,
                    "row": {"type": ["integer", "null"]},
                    "field": _NULLABLE,
                    "value": _NULLABLE,
                }
            ),
        },
    }
)


def answers(content: dict[str, Any], *statuses: int) -> dict[str, Any]:
    """The answers of an operation.

    Args:
        content: of the answer that is a success.
        *statuses: all others that there may be.

    Returns:
        As OpenAPI has them.
    """
    names = {"X-Request-Id": {"schema": _TEXT, "description": "Also in the log."}}
    found: dict[str, Any] = {
        "200": {"description": "The answer.", "content": content, "headers": names}
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    for status in statuses:
        found[str(status)] = {
            "description": STATUSES[status],
            "content": {CONTENT_TYPE: {"schema": schema}},
            "headers": {**names, **_HEADERS.get(status, {})},
        }
    return found


_RETRY = {
    "Retry-After": {"schema": _COUNT, "description": "Seconds.", "required": True}
}
_HEADERS: Mapping[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": _TEXT, "required": True}},
    429: _RETRY,
    503: _RETRY,
}


def _head() -> dict[str, Any]:
    return {"ranker": _TEXT, "version": _TEXT, "request_id": _TEXT}


def _scores(served: Served, label: str) -> dict[str, Any]:
    labels = {item.name: item for item in served.ranker.schema.labels}
    if labels[label].kind == "real":
        return _NUMBER
    return {**_NUMBER, "minimum": 0, "maximum": 1}


def predict_answer(served: Served) -> dict[str, Any]:
    """What ``predict`` answers.

    Args:
        served: the ranker.

    Returns:
        Its schema.
    """
    names = served.ranker.schema.label_names
    columns = {n: {"type": "array", "items": _scores(served, n)} for n in names}
    unknown = {
        "type": "object",
        "additionalProperties": _COUNT,
        "description": "Values the ranker does not know, by field.",
    }
    return _object({**_head(), "predictions": _object(columns), "unknown": unknown})


def _explanation() -> dict[str, Any]:
    added = {"type": "array", "items": _object({"field": _TEXT, "adds": _NUMBER})}
    return _object({"logit": _NUMBER, "prediction": _NUMBER, "contributions": added})


def rank_answer(served: Served) -> dict[str, Any]:
    """What ``rank`` answers.

    Args:
        served: the ranker.

    Returns:
        Its schema.
    """
    labels = list(served.ranker.schema.label_names)
    ranked = _object({"position": _COUNT, "score": _NUMBER})
    ranked["properties"] |= {"explanation": _explanation()}
    told = _object(
        {
            **_head(),
            "label": {"type": "string", "enum": labels},
            "num_candidates": _COUNT,
            "ranked": {"type": "array", "items": ranked},
        }
    )
    told["properties"] |= {"base": _NUMBER}
    return told


def explain_answer(served: Served) -> dict[str, Any]:
    """What ``explain`` answers.

    Args:
        served: the ranker.

    Returns:
        Its schema.
    """
    labels = list(served.ranker.schema.label_names)
    return _object(
        {
            **_head(),
            "label": {"type": "string", "enum": labels},
            "base": _NUMBER,
            "explanations": {"type": "array", "items": _explanation()},
        }
    )


def _ranker() -> dict[str, Any]:
    label = _object({"label": _TEXT, "kind": _TEXT})
    return {
        "ranker": _TEXT,
        "version": _TEXT,
        "model": _TEXT,
        "labels": {"type": "array", "items": label},
        "num_fields": _COUNT,
        "loaded_at": {"type": "string", "format": "date-time"},
    }


def rankers_answer() -> dict[str, Any]:
    """What ``rankers`` answers."""
    listed = {"type": "array", "items": _object(_ranker())}
    return _object({"rankers": listed, "default": _TEXT})


def schema_answer() -> dict[str, Any]:
    """What ``schema`` answers."""
    field = _object(
        {
            "field": _TEXT,
            "kind": _TEXT,
            "must": _TEXT,
            "json_schema": {"type": "object"},
            "examples": {"type": "array"},
        }
    )
    field["properties"] |= {"num_values": _COUNT, "max_length": _COUNT}
    fields = {"type": "array", "items": field}
    told = {**_ranker(), "request_id": _TEXT, "fields": fields}
    return _object({**told, "example": {"type": "object"}})
