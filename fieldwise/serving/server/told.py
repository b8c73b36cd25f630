"""What the server tells of itself: rankers, schemas, health."""

import time
from typing import Any

from fieldwise.schema import Label, SequenceField
from fieldwise.serving.server.served import Served

__all__ = ["describe_ranker", "describe_schema"]

NUM_EXAMPLES = 20
EXACT = 2**53


def describe_ranker(served: Served) -> dict[str, Any]:
    """Say which version of a ranker is served.

    Args:
        served: the ranker.

    Returns:
        JSON types.
    """
    ranker = served.ranker
    loaded = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(served.loaded_at))
    return {
        "ranker": served.name,
        "version": served.version,
        "model": ranker.model_name,
        "labels": [_describe_label(label) for label in ranker.schema.labels],
        "num_fields": len(ranker.schema),
        "loaded_at": loaded,
    }


def describe_schema(served: Served) -> dict[str, Any]:
    """Say what rows of a ranker look like.

    Args:
        served: the ranker.

    Returns:
        JSON types: of each field its kind, what may be sent for it, how many values
        are known, and some of them, most frequent first; and a row one may send.
    """
    fields = []
    schema = served.ranker.schema
    for field, rule in zip(schema, served.rules, strict=True):
        told: dict[str, Any] = {"field": field.name, "kind": field.kind}
        told |= {"must": rule.must, "json_schema": rule.json_schema}
        vocabulary = served.ranker.encoder.vocabularies.get(field.name)
        if vocabulary is not None:
            told["num_values"] = len(vocabulary.values)
            kept = vocabulary.values.head(NUM_EXAMPLES).to_list()
            told["examples"] = list(map(_exact, kept))
        else:
            column = [row[field.name] for row in served.typical[:NUM_EXAMPLES]]
            told["examples"] = column
        if isinstance(field, SequenceField):
            told["max_length"] = field.max_length
        fields.append(told)
    return {
        **describe_ranker(served),
        "fields": fields,
        "example": {n: _exact(value) for n, value in served.typical[0].items()},
    }


def _exact(value: Any) -> Any:  # noqa: ANN401  JSON types
    """Integers that JavaScript would round, in quotes: so they may be sent, too."""
    if isinstance(value, list):
        return list(map(_exact, value))
    is_rounded = type(value) is int and abs(value) > EXACT
    return str(value) if is_rounded else value


def _describe_label(label: Label) -> dict[str, Any]:
    return {"label": label.name, "kind": label.kind}
