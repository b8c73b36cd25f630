"""Blocks of raw rows, encoded in threads and handed over in order."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._hash_index import HashIndex
from fieldwise.data._in_order import in_order
from fieldwise.data.columns import (
    list_items,
    list_lengths,
    read_numbers,
    read_vectors,
)
from fieldwise.data.encoder import Encoder
from fieldwise.data.layout import RowLayout
from fieldwise.data.numbers import bucket, standardise
from fieldwise.data.row_weights import read_weights
from fieldwise.data.targets import read_label
from fieldwise.data.vocabulary import UNKNOWN, encode_columns
from fieldwise.schema import CategoricalField, NumericField

__all__ = ["BLOCK_ROWS", "EncodedRows", "RowBlocks", "UnknownCounter", "plain_groups"]

BLOCK_ROWS = 2**16
"""Rows one thread encodes at a time: fewer would spend the time in starting queries,
which no two threads do at once."""

MAX_WORKERS = 8
"""Beyond this the reader does not keep up, and every thread holds rows in memory."""


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
        self._add(name, len(indices), unknown)

    def merge(self, other: "UnknownCounter") -> None:
        """Add what another one counted.

        Args:
            other: counts of other rows.
        """
        for name, num_values in other.num_values.items():
            self._add(name, num_values, other.num_unknown[name])

    def shares(self) -> dict[str, float]:
        """Share of unknown values by field, in [0, 1]."""
        return {
            name: self.num_unknown[name] / total if total else 0.0
            for name, total in self.num_values.items()
        }

    def _add(self, name: str, num_values: int, num_unknown: int) -> None:
        self.num_values[name] = self.num_values.get(name, 0) + num_values
        self.num_unknown[name] = self.num_unknown.get(name, 0) + num_unknown


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


@final
class RowBlocks:
    """Encodes blocks of rows; every block by itself, so threads share it.

    Args:
        encoder: the fitted encoder.
        labelled: whether to encode labels, weights and groups, too.
        groups: the values of the group column in the order of their numbers.
        unknown: counts unknown values, if given.
        hashed: columns that hold hashes, which tell their values apart.
        max_workers: threads at most; with one, no thread is started.
    """

    def __init__(
        self,
        encoder: Encoder,
        *,
        labelled: bool,
        groups: pl.Series | None,
        unknown: UnknownCounter | None,
        hashed: Collection[str] = (),
        max_workers: int = MAX_WORKERS,
    ) -> None:
        self._encoder = encoder
        self._schema = encoder.schema
        self._labelled = labelled
        self._layout = RowLayout.of(encoder.schema, labelled=labelled)
        self._groups = None if groups is None else HashIndex(groups)
        self._null_group = 0 if groups is None else len(groups) - 1
        self._unknown = unknown
        self._hashed = frozenset(hashed)
        self._workers = min(max_workers, pl.thread_pool_size())

    def encode(self, chunks: Iterable[pl.DataFrame]) -> Iterator[EncodedRows]:
        """Encode chunks of rows.

        Args:
            chunks: raw rows.

        Yields:
            The rows of each block, in order; a chunk is one block or several.
        """
        blocks = (block for chunk in chunks for block in _blocks(chunk))
        for rows, unknown in in_order(self._block, blocks, workers=self._workers):
            if self._unknown is not None:
                self._unknown.merge(unknown)
            yield rows

    def _block(self, frame: pl.DataFrame) -> tuple[EncodedRows, UnknownCounter]:
        unknown = UnknownCounter()
        layout = self._layout
        matrix = np.empty((len(frame), layout.width), dtype=np.int32)
        floats = matrix.view(np.float32)
        self._encode_indices(frame, matrix, unknown)
        for place, number in enumerate(self._schema.number_fields, layout.num_indices):
            numbers = standardise(number, read_numbers(frame[number.name]))
            if not number.has_nulls:
                # Nothing was learned about a missing value: it counts as the mean.
                numbers[np.isnan(numbers)] = 0.0
            floats[:, place] = numbers
        for part, vector in zip(
            layout.vectors, self._schema.vector_fields, strict=True
        ):
            column = frame[vector.name]
            floats[:, part] = read_vectors(column, vector.vector_dim or 0)
        if self._labelled:
            self._encode_roles(frame, matrix)
        return EncodedRows(matrix, self._sequences(frame, unknown)), unknown

    def _encode_indices(
        self, frame: pl.DataFrame, matrix: NDArray[np.int32], unknown: UnknownCounter
    ) -> None:
        fields = self._schema.index_fields
        vocabularies = {
            item.name: self._encoder.vocabularies[item.name]
            for item in fields
            if isinstance(item, CategoricalField)
        }
        values = {n: v for n, v in vocabularies.items() if n not in self._hashed}
        looked_up = encode_columns(values, frame)
        for position, item in enumerate(fields):
            if isinstance(item, NumericField):
                indices = bucket(item, read_numbers(frame[item.name]))
            elif item.name in self._hashed:
                hashes = frame[item.name].to_numpy()
                indices = vocabularies[item.name].encode_hashes(hashes)
            else:
                indices = looked_up[item.name]
            unknown.add(item.name, indices)
            offset = self._schema.table_offsets[position]
            np.add(indices, offset, out=matrix[:, position])

    def _sequences(
        self, frame: pl.DataFrame, unknown: UnknownCounter
    ) -> tuple[tuple[NDArray[np.int32], NDArray[np.int64]], ...]:
        offsets = self._schema.table_offsets[len(self._schema.index_fields) :]
        encoded = []
        for offset, item in zip(offsets, self._schema.sequence_fields, strict=True):
            column = frame[item.name].alias("raw")
            items = list_items(column.to_frame().lazy(), item).collect()["raw"]
            indices = self._encoder.vocabularies[item.name].encode(items)
            unknown.add(item.name, indices)
            encoded.append((indices + np.int32(offset), list_lengths(column, item)))
        return tuple(encoded)

    def _encode_roles(self, frame: pl.DataFrame, matrix: NDArray[np.int32]) -> None:
        schema, layout = self._schema, self._layout
        floats = matrix.view(np.float32)
        for position, label in enumerate(schema.labels, layout.labels.start):
            floats[:, position] = read_label(label, frame[label.name])
        if schema.weight is not None:
            floats[:, layout.weight] = read_weights(frame[schema.weight])
        if schema.group is not None and self._groups is not None:
            column = plain_groups(frame[schema.group])
            numbers = self._groups.find(column) - 1
            numbers[column.is_null().to_numpy()] = self._null_group
            matrix[:, layout.group] = numbers


def _blocks(chunk: pl.DataFrame) -> Iterator[pl.DataFrame]:
    # A table without rows is one block without rows.
    return chunk.iter_slices(BLOCK_ROWS) if len(chunk) else iter([chunk])


def plain_groups(column: pl.Series) -> pl.Series:
    """The values of a group column, comparable with those of any other chunk.

    Args:
        column: the group of each row.

    Returns:
        The column; categories as text.
    """
    is_coded = isinstance(column.dtype, pl.Categorical | pl.Enum)
    return column.cast(pl.String) if is_coded else column
