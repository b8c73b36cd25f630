"""The encoder as ONNX nodes: raw values in, the tensors of a ``Batch`` out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fieldwise.data.encoder import Encoder
from fieldwise.schema import CategoricalField
from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.inputs import FieldInput
from fieldwise.serving.export.lookups import add_lookup, missing_row
from fieldwise.serving.export.numeric_nodes import add_bucket, add_numbers
from fieldwise.serving.export.sequence_nodes import add_bags, join_bags

__all__ = ["Encoded", "add_encoder"]


class Encoded(NamedTuple):
    """Names of the tensors of a batch; empty where the schema has no such field.

    Args:
        indices: rows of the shared table, int64, ``(batch, field)``.
        numbers: standardised, float32, ``(batch, field)``.
        sequence_indices: rows of the shared table of all bags, int64.
        sequence_offsets: starts of the bags and the end of the last, int64.
        vectors: float32, ``(batch, width)`` each.
    """

    indices: str
    numbers: str
    sequence_indices: str
    sequence_offsets: str
    vectors: tuple[str, ...]


def add_encoder(
    graph: GraphBuilder, encoder: Encoder, inputs: Sequence[FieldInput]
) -> Encoded:
    """Write down what an encoder does.

    Args:
        graph: gets the nodes.
        encoder: fitted.
        inputs: of every field.

    Returns:
        Names of what it gives.
    """
    schema = encoder.schema
    by_name = {each.field: each for each in inputs}
    indexed = (*schema.index_fields, *schema.sequence_fields)
    offsets = {f.name: o for f, o in zip(indexed, schema.table_offsets, strict=True)}
    indices, numbers = "", ""
    if schema.index_fields:
        indices = graph.join_columns(_rows(graph, encoder, by_name, offsets))
    if schema.number_fields:
        names = [by_name[field.name].input for field in schema.number_fields]
        numbers = add_numbers(graph, names, schema.number_fields)
    items, ends = _bags(graph, encoder, by_name, offsets)
    vectors = [_vector(graph, by_name[f.name].input) for f in schema.vector_fields]
    return Encoded(indices, numbers, items, ends, tuple(vectors))


def _rows(
    graph: GraphBuilder,
    encoder: Encoder,
    inputs: Mapping[str, FieldInput],
    offsets: Mapping[str, int],
) -> list[str]:
    rows = []
    for field in encoder.schema.index_fields:
        own, offset = inputs[field.name], offsets[field.name]
        if isinstance(field, CategoricalField):
            vocabulary = encoder.vocabularies[field.name]
            rows.append(add_lookup(graph, own, vocabulary, offset))
        else:
            rows.append(add_bucket(graph, own.input, field, offset))
    return rows


def _bags(
    graph: GraphBuilder,
    encoder: Encoder,
    inputs: Mapping[str, FieldInput],
    offsets: Mapping[str, int],
) -> tuple[str, str]:
    bags = []
    for field in encoder.schema.sequence_fields:
        own, offset = inputs[field.name], offsets[field.name]
        vocabulary = encoder.vocabularies[field.name]
        bags.append(
            add_bags(
                graph,
                add_lookup(graph, own, vocabulary, offset),
                own.lengths or "",
                max_length=field.max_length,
                missing=missing_row(vocabulary, offset),
            )
        )
    return join_bags(graph, bags) if bags else ("", "")


def _vector(graph: GraphBuilder, name: str) -> str:
    """What is no finite number is missing."""
    is_infinite = graph.node("IsInf", name)
    missing = graph.constant(np.float32(np.nan))
    return graph.node("Where", is_infinite, missing, name)
