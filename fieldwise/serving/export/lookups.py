"""Vocabularies as ONNX nodes: a value to its row of the shared table."""

from typing import Any

import numpy as np
import onnx
import polars as pl
from numpy.typing import NDArray
from onnx import numpy_helper

from fieldwise.data.vocabulary import UNKNOWN, Vocabulary
from fieldwise.schema.field import ValueType
from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.inputs import FieldInput

__all__ = ["add_lookup", "missing_row"]


def missing_row(vocabulary: Vocabulary, offset: int) -> int:
    """Row of the shared table of a null.

    Args:
        vocabulary: of the field.
        offset: first row of the field.

    Returns:
        The row; that of unknown values where the vocabulary has no null.
    """
    is_null = vocabulary.values.is_null()
    place = is_null.arg_max() if is_null.any() else None
    return offset + (UNKNOWN if place is None else UNKNOWN + 1 + place)


def add_lookup(
    graph: GraphBuilder, field: FieldInput, vocabulary: Vocabulary, offset: int
) -> str:
    """Look values up.

    Args:
        graph: gets the nodes.
        field: the inputs of the field.
        vocabulary: of the field.
        offset: first row of the field in the shared table.

    Returns:
        Name of the rows of the shared table, int64, one per value.
    """
    values = field.input
    if vocabulary.value_type == "uint":
        # Its bits as a signed number: the keys are turned in the same way.
        values = graph.cast(values, onnx.TensorProto.INT64)
    places = np.flatnonzero(vocabulary.values.is_not_null().to_numpy())
    rows = (offset + UNKNOWN + 1 + places).astype(np.int64)
    keys = _keys(vocabulary.values.drop_nulls(), vocabulary.value_type)
    if not len(keys):
        # A look-up must hold something, if only for a value that stays unknown.
        keys = _keys(pl.Series([field.unseen]), vocabulary.value_type)
        rows = np.array([offset + UNKNOWN], dtype=np.int64)
    found = graph.node(
        "ai.onnx.ml:LabelEncoder",
        values,
        keys_tensor=numpy_helper.from_array(keys),
        values_tensor=numpy_helper.from_array(rows),
        default_tensor=numpy_helper.from_array(
            np.array([offset + UNKNOWN], dtype=np.int64)
        ),
    )
    is_null = field.is_null
    if vocabulary.value_type == "float":
        is_null = graph.node("IsNaN", values)
    if is_null is None:
        return found
    missing = graph.constant(np.int64(missing_row(vocabulary, offset)))
    return graph.node("Where", is_null, missing, found)


def _keys(values: pl.Series, value_type: ValueType) -> NDArray[Any]:
    match value_type:
        case "string":
            return values.to_numpy().astype(object)
        case "float":
            return values.cast(pl.Float64).to_numpy()
        case "uint":
            return values.cast(pl.UInt64).to_numpy().view(np.int64)
        case "int" | "bool":
            return values.cast(pl.Int64).to_numpy()
