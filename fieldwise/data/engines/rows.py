"""Rows whose values an engine looked up, assembled to what a dataset holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._polars_types import Schema as ColumnTypes
from fieldwise.data.columns import (
    list_items,
    list_lengths,
    read_numbers,
    read_vectors,
)
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import EncodedRows, UnknownCounter
from fieldwise.data.engines.engine import ROW, collect
from fieldwise.data.engines.looking_up import index_column
from fieldwise.data.layout import RowLayout
from fieldwise.data.numbers import bucket, standardise
from fieldwise.data.row_weights import read_weights
from fieldwise.data.targets import read_label
from fieldwise.errors import DataError
from fieldwise.schema import NumericField

__all__ = ["RowAssembler", "read_in_order"]


def read_in_order(
    frame: nw.LazyFrame[Any], types: ColumnTypes, *, num_rows: int, block_rows: int
) -> Iterator[pl.DataFrame]:
    """Bring rows here in order, a bounded number of them at a time.

    Args:
        frame: all rows, with ``ROW``.
        types: what raw columns are cast to; an engine may know other types.
        num_rows: rows of the table.
        block_rows: rows at a time.

    Yields:
        Rows in the order of their numbers.

    Raises:
        DataError: if a row is missing or there twice.
    """
    number = nw.col(ROW)
    for start in range(0, num_rows, block_rows):
        stop = min(start + block_rows, num_rows)
        block = collect(frame.filter((number >= start) & (number < stop))).sort(ROW)
        if not np.array_equal(block[ROW].to_numpy(), np.arange(start, stop)):
            message = (
                f"the engine must return rows {start} to {stop - 1} once each, got "
                f"{len(block)} rows. Was the table changed meanwhile?"
            )
            raise DataError(message)
        yield block.with_columns(
            pl.col(name).cast(types[name]) for name in block.columns if name in types
        )


@final
@dataclass(frozen=True)
class RowAssembler:
    """Makes encoded rows of one part of a table.

    Args:
        encoder: the fitted encoder.
        groups: columns ``group`` and ``number``; None where rows have no group.
        unknown: counts unknown values.
    """

    encoder: Encoder
    groups: pl.DataFrame | None
    unknown: UnknownCounter

    def assemble(self, block: pl.DataFrame) -> EncodedRows:
        """Encode rows.

        Args:
            block: columns of indices where an engine looked values up, else raw ones.

        Returns:
            The rows that ``encode_to_folder`` writes.

        Raises:
            SchemaError: if a column cannot be read.
            DataError: if a weight is negative or not finite.
        """
        schema = self.encoder.schema
        layout = RowLayout.of(schema, labelled=True)
        matrix = np.empty((len(block), layout.width), dtype=np.int32)
        for position, indices in enumerate(self._indices(block)):
            np.add(indices, schema.table_offsets[position], out=matrix[:, position])
        floats = matrix.view(np.float32)
        for position, field in enumerate(schema.number_fields, layout.num_indices):
            floats[:, position] = _numbers(field, block[field.name])
        for part, vector in zip(layout.vectors, schema.vector_fields, strict=True):
            floats[:, part] = read_vectors(block[vector.name], vector.vector_dim or 0)
        for position, label in enumerate(schema.labels, layout.labels.start):
            floats[:, position] = read_label(label, block[label.name])
        if schema.weight is not None:
            floats[:, layout.weight] = read_weights(block[schema.weight])
        if schema.group is not None and self.groups is not None:
            matrix[:, layout.group] = _group_numbers(block[schema.group], self.groups)
        return EncodedRows(matrix, tuple(self._sequences(block)))

    def _indices(self, block: pl.DataFrame) -> Iterator[NDArray[np.int32]]:
        for field in self.encoder.schema.index_fields:
            column = index_column(field.name)
            if isinstance(field, NumericField):
                indices = bucket(field, read_numbers(block[field.name]))
            elif column in block.columns:
                indices = block[column].to_numpy()
            else:
                vocabulary = self.encoder.vocabularies[field.name]
                indices = vocabulary.encode(block[field.name])
            self.unknown.add(field.name, indices)
            yield indices

    def _sequences(
        self, block: pl.DataFrame
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        schema = self.encoder.schema
        offsets = schema.table_offsets[len(schema.index_fields) :]
        for offset, field in zip(offsets, schema.sequence_fields, strict=True):
            raw = block[field.name].alias("raw")
            items = list_items(raw.to_frame().lazy(), field).collect()["raw"]
            indices = self.encoder.vocabularies[field.name].encode(items)
            self.unknown.add(field.name, indices)
            yield indices + np.int32(offset), list_lengths(raw, field)


def _numbers(field: NumericField, column: pl.Series) -> NDArray[np.float64]:
    numbers = standardise(field, read_numbers(column))
    if not field.has_nulls:
        # Nothing was learned about a missing value: it counts as the mean.
        numbers[np.isnan(numbers)] = 0.0
    return numbers


def _group_numbers(column: pl.Series, groups: pl.DataFrame) -> NDArray[np.int32]:
    numbers = (
        column.alias("group")
        .to_frame()
        .join(groups, on="group", how="left", nulls_equal=True, maintain_order="left")
    )
    return np.asarray(numbers["number"].to_numpy(), dtype=np.int32)
