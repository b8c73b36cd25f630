"""Which fields of rows say something that a model never saw by itself."""

import numpy as np
from jaxtyping import Bool

from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.schema import Schema
from fieldwise.sensitivity import Embedded

__all__ = ["unknown_text", "unknown_values"]


def unknown_values(schema: Schema, rows: Embedded) -> Bool[np.ndarray, "row field"]:
    """Find values that share the row of the unknown: rare ones, and new ones.

    Args:
        schema: the fields, in order.
        rows: embedded rows.

    Returns:
        Whether the value of an index field is unknown, in the order of the schema;
        of other fields never.
    """
    found = np.zeros((len(rows), len(schema)), dtype=bool)
    fields = schema.index_fields
    offsets = np.array(schema.table_offsets[: len(fields)])
    places = [schema.names.index(field.name) for field in fields]
    found[:, places] = rows.indices.cpu().numpy() == offsets + UNKNOWN
    return found


def unknown_text(schema: Schema, rows: Embedded) -> str:
    """Tell how many rows to compare with say an unknown value, by field.

    What a field adds beside them is what it adds beside all rare values together.

    Args:
        schema: the fields, in order.
        rows: embedded baselines.

    Returns:
        A sentence; empty where all values are known.
    """
    counts = unknown_values(schema, rows).sum(axis=0)
    told = [
        f"{name} in {count}"
        for name, count in zip(schema.names, counts.tolist(), strict=True)
        if count
    ]
    if not told:
        return ""
    return f"unknown in the {len(rows)} rows compared with: {', '.join(told)}"
