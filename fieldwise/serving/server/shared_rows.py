"""Rows that share the values of some fields, encoded without repeating these.

Ranking asks for one user and many items: what is said of the user is looked up once and
copied to all rows as indices.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from fieldwise.batch import Batch
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.schema import Schema
from fieldwise.serving.server.columns import Columns

__all__ = ["encode_shared"]


def encode_shared(encoder: Encoder, first: Batch, candidates: Columns) -> Batch:
    """Encode candidates of which some fields are already encoded.

    Args:
        encoder: the fitted encoder.
        first: the first candidate with all its fields, encoded.
        candidates: the values of the fields that are not shared, possibly none.

    Returns:
        The same batch as of complete rows.
    """
    names, num_rows = list(candidates.values), candidates.num_rows
    if not names:
        return _join(encoder.schema, first, num_rows)
    own = Encoder(
        encoder.schema.select(names),
        {n: encoder.vocabularies[n] for n in names if n in encoder.vocabularies},
    )
    rows = encode_frame(own, candidates.frame(), labelled=False)
    return _join(encoder.schema, first, num_rows, own.schema, rows.batch(slice(None)))


def _join(
    schema: Schema,
    first: Batch,
    num_rows: int,
    own_schema: Schema | None = None,
    own: Batch | None = None,
) -> Batch:
    """Repeat the first row, then put the rows' own fields in."""
    indices = first.indices.repeat(num_rows, 1)
    numbers = first.numbers.repeat(num_rows, 1)
    vectors = [vector.repeat(num_rows, 1) for vector in first.vectors]
    bags = [bag.repeat(num_rows) for bag in _bags(first)]
    lengths = [_lengths(first, k).repeat(num_rows) for k in range(len(bags))]
    if own_schema is not None and own is not None:
        shifts = _shifts(schema, own_schema)
        places = _places(schema.index_fields, own_schema.index_fields)
        indices[:, places] = own.indices + shifts[: len(places)]
        columns = _places(schema.number_fields, own_schema.number_fields)
        numbers[:, columns] = own.numbers
        for place, vector in zip(
            _places(schema.vector_fields, own_schema.vector_fields),
            own.vectors,
            strict=True,
        ):
            vectors[place] = vector
        for k, place in enumerate(
            _places(schema.sequence_fields, own_schema.sequence_fields)
        ):
            bags[place] = _bags(own)[k] + shifts[len(places) + k]
            lengths[place] = _lengths(own, k)
    empty = torch.empty(0, dtype=torch.int32)
    ends = torch.cat([torch.zeros(1, dtype=torch.int32), *lengths]).cumsum(0)
    return Batch(
        indices=indices,
        numbers=numbers,
        sequence_indices=torch.cat([empty, *bags]),
        sequence_offsets=ends.int(),
        vectors=tuple(vectors),
    )


def _shifts(schema: Schema, own: Schema) -> Tensor:
    """How far the rows of a field are moved from its own table to the shared one."""
    looked_up = (*schema.index_fields, *schema.sequence_fields)
    starts = dict(
        zip([field.name for field in looked_up], schema.table_offsets, strict=True)
    )
    fields = (*own.index_fields, *own.sequence_fields)
    moves = [
        starts[field.name] - start
        for field, start in zip(fields, own.table_offsets, strict=True)
    ]
    return torch.tensor(moves, dtype=torch.int32)


def _places(fields: Sequence[object], own: Sequence[object]) -> list[int]:
    return [fields.index(field) for field in own]


def _bags(batch: Batch) -> list[Tensor]:
    """The items of each sequence field."""
    ends = batch.sequence_offsets[:: len(batch)].tolist()
    return [batch.sequence_indices[start:end] for start, end in pairwise(ends)]


def _lengths(batch: Batch, sequence: int) -> Tensor:
    start = sequence * len(batch)
    return batch.sequence_offsets[start : start + len(batch) + 1].diff()
