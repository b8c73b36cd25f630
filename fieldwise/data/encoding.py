"""Raw rows in, encoded rows out: in memory for a frame, streamed for a file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.columns import (
    check_columns,
    list_items,
    list_lengths,
    read_numbers,
    read_vectors,
    role_columns,
)
from fieldwise.data.dataset import Dataset, Ragged, write_manifest
from fieldwise.data.encoder import Encoder
from fieldwise.data.layout import RowLayout
from fieldwise.data.new_folder import new_folder
from fieldwise.data.numbers import bucket, standardise
from fieldwise.data.targets import read_label
from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.data.writer import RowWriter
from fieldwise.errors import DataError
from fieldwise.schema import CategoricalField, NumericField

__all__ = [
    "CHUNK_ROWS",
    "EncodedRows",
    "UnknownCounter",
    "encode_frame",
    "encode_to_folder",
]


@final
@dataclass
class UnknownCounter:
    """Counts how many values fell on the unknown row, per field.

    Args:
        num_values: values seen, by field.
        num_unknown: of which unknown, by field.
    """

    num_values: dict[str, int] = field(default_factory=dict)
    num_unknown: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, indices: NDArray[np.int32]) -> None:
        """Count the indices of one field.

        Args:
            name: the field.
            indices: its indices before offsets are added.
        """
        unknown = int(np.count_nonzero(indices == UNKNOWN))
        self.num_values[name] = self.num_values.get(name, 0) + len(indices)
        self.num_unknown[name] = self.num_unknown.get(name, 0) + unknown

    def shares(self) -> dict[str, float]:
        """Share of unknown values by field, in [0, 1]."""
        return {
            name: self.num_unknown[name] / total if total else 0.0
            for name, total in self.num_values.items()
        }


@final
@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Encoded rows before they become a ``Dataset``.

    Args:
        matrix: rows as ``RowLayout`` says, ``(row, width)``.
        sequences: items and lengths of each sequence field.
    """

    matrix: NDArray[np.int32]
    sequences: tuple[tuple[NDArray[np.int32], NDArray[np.int64]], ...]


def encode_frame(
    encoder: Encoder,
    frame: pl.DataFrame,
    *,
    labelled: bool,
    unknown: UnknownCounter | None = None,
) -> Dataset:
    """Encode a table in memory.

    Args:
        encoder: the fitted encoder.
        frame: raw rows; columns the schema does not know are ignored.
        labelled: whether to encode labels, weights and groups, too.
        unknown: counts unknown values, if given.

    Returns:
        The encoded rows.

    Raises:
        SchemaError: if a column is missing or cannot be read; all are listed.
        DataError: if a weight is negative or not finite.
    """
    check_columns(encoder.schema, frame.schema, labelled=labelled)
    groups = _group_numbers(encoder, frame.lazy()) if labelled else None
    rows = _encode_chunk(encoder, frame, labelled, groups, unknown)
    sequences = [
        Ragged(items, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))
        for items, lengths in rows.sequences
    ]
    return Dataset(encoder.schema, rows.matrix, sequences, labelled=labelled)


def encode_to_folder(
    encoder: Encoder,
    frame: pl.LazyFrame,
    folder: Path,
    *,
    labelled: bool,
    fingerprint: str = "",
    unknown: UnknownCounter | None = None,
    progress: Callable[[int], None] | None = None,
) -> Dataset:
    """Encode a table of any size, chunk by chunk, to a folder.

    Args:
        encoder: the fitted encoder.
        frame: raw rows.
        folder: where to; must not exist. It appears when it is complete.
        labelled: whether to encode labels, weights and groups, too.
        fingerprint: checksum of what the rows are made from.
        unknown: counts unknown values, if given.
        progress: called with the number of rows of each finished chunk.

    Returns:
        The encoded rows, memory-mapped.

    Raises:
        SchemaError: if a column is missing or cannot be read; all are listed.
        DataError: if the folder exists, or a weight is negative or not finite.
    """
    if folder.exists():
        message = f"folder must not exist yet, got {str(folder)!r}."
        raise DataError(message)
    schema = encoder.schema
    check_columns(schema, frame.collect_schema(), labelled=labelled)
    groups = _group_numbers(encoder, frame) if labelled else None
    needed = [*schema.names, *(role_columns(schema) if labelled else [])]
    chunks = read_chunks(
        frame,
        [pl.col(name) for name in dict.fromkeys(needed)],
        max_rows=CHUNK_ROWS,
        width=RowLayout.of(schema, labelled=labelled).width,
    )
    with new_folder(folder) as partial:
        with RowWriter(partial, len(schema.sequence_fields)) as writer:
            for chunk in chunks:
                rows = _encode_chunk(encoder, chunk, labelled, groups, unknown)
                writer.append(rows.matrix, rows.sequences)
                if progress is not None:
                    progress(len(chunk))
        write_manifest(
            partial,
            schema,
            num_rows=writer.num_rows,
            labelled=labelled,
            fingerprint=fingerprint,
        )
    return Dataset.open(folder)


def _group_numbers(encoder: Encoder, frame: pl.LazyFrame) -> pl.DataFrame | None:
    """Number the groups in order of value: the same for any chunking and file order."""
    name = encoder.schema.group
    if name is None:
        return None
    return (
        frame.select(group=pl.col(name))
        .unique()
        .sort("group", nulls_last=True)
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int32))
        .collect(engine="streaming")
    )


def _encode_chunk(
    encoder: Encoder,
    frame: pl.DataFrame,
    labelled: bool,
    groups: pl.DataFrame | None,
    unknown: UnknownCounter | None,
) -> EncodedRows:
    schema = encoder.schema
    layout = RowLayout.of(schema, labelled=labelled)
    matrix = np.empty((len(frame), layout.width), dtype=np.int32)
    floats = matrix.view(np.float32)
    looked_up = _look_up(encoder, frame)
    for position, index_field in enumerate(schema.index_fields):
        if isinstance(index_field, NumericField):
            indices = bucket(index_field, read_numbers(frame[index_field.name]))
        else:
            indices = looked_up[index_field.name].to_numpy()
        if unknown is not None:
            unknown.add(index_field.name, indices)
        np.add(indices, schema.table_offsets[position], out=matrix[:, position])
    for position, number_field in enumerate(schema.number_fields, layout.num_indices):
        numbers = standardise(number_field, read_numbers(frame[number_field.name]))
        if not number_field.has_nulls:
            # Nothing was learned about a missing value: it counts as the mean.
            numbers[np.isnan(numbers)] = 0.0
        floats[:, position] = numbers
    for part, vector_field in zip(layout.vectors, schema.vector_fields, strict=True):
        column = frame[vector_field.name]
        floats[:, part] = read_vectors(column, vector_field.vector_dim or 0)
    if labelled:
        _encode_roles(encoder, frame, layout, matrix, groups)
    return EncodedRows(matrix, _encode_sequences(encoder, frame, unknown))


def _look_up(encoder: Encoder, frame: pl.DataFrame) -> pl.DataFrame:
    """Indices of all categorical fields, in one query that uses every core."""
    return frame.select(
        encoder.vocabularies[item.name]
        .lookup(pl.col(item.name), frame.schema[item.name])
        .alias(item.name)
        for item in encoder.schema.index_fields
        if isinstance(item, CategoricalField)
    )


def _encode_sequences(
    encoder: Encoder, frame: pl.DataFrame, unknown: UnknownCounter | None
) -> tuple[tuple[NDArray[np.int32], NDArray[np.int64]], ...]:
    schema = encoder.schema
    offsets = schema.table_offsets[len(schema.index_fields) :]
    encoded = []
    for offset, sequence in zip(offsets, schema.sequence_fields, strict=True):
        column = frame[sequence.name].alias("raw")
        items = list_items(column.to_frame().lazy(), sequence).collect()["raw"]
        indices = encoder.vocabularies[sequence.name].encode(items)
        if unknown is not None:
            unknown.add(sequence.name, indices)
        encoded.append((indices + np.int32(offset), list_lengths(column, sequence)))
    return tuple(encoded)


def _encode_roles(
    encoder: Encoder,
    frame: pl.DataFrame,
    layout: RowLayout,
    matrix: NDArray[np.int32],
    groups: pl.DataFrame | None,
) -> None:
    schema = encoder.schema
    floats = matrix.view(np.float32)
    for position, label in enumerate(schema.labels, layout.labels.start):
        floats[:, position] = read_label(label, frame[label.name])
    if schema.weight is not None:
        floats[:, layout.weight] = _read_weights(frame[schema.weight])
    if schema.group is not None and groups is not None:
        numbers = frame.select(group=pl.col(schema.group)).join(
            groups, on="group", how="left", nulls_equal=True, maintain_order="left"
        )
        matrix[:, layout.group] = numbers["number"].to_numpy()


def _read_weights(column: pl.Series) -> NDArray[np.float64]:
    weights = read_numbers(column)
    is_right = (weights >= 0) & (weights <= np.finfo(np.float32).max)
    if not is_right.all():
        message = (
            f"weight {column.name!r} must be finite and not negative, got "
            f"{weights[~is_right][0]} ({np.count_nonzero(~is_right)} rows)."
        )
        raise DataError(message)
    return weights
