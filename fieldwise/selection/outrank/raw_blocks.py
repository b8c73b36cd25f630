"""Blocks of raw rows as blocks that can be scored."""

from collections.abc import Sequence
from typing import final

import numpy as np
import polars as pl

from fieldwise.schema import NumericField, Schema
from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.number_column import number_column
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.raw_columns import number_name, value_name
from fieldwise.selection.outrank.scorer import Block
from fieldwise.selection.outrank.transforms import (
    TRANSFORMS,
    is_worth_scoring,
    transformed,
)

__all__ = ["RawBlocks"]


@final
class RawBlocks:
    """Makes blocks of what ``RawColumns.look`` found.

    Args:
        schema: the fields to rank, and one label.
        plan: how numbers are taken, and whether in other forms, too.
        held: columns that tell which rows hold a value of a list.

    Attributes:
        forms: names of the other forms of numbers.
    """

    def __init__(self, schema: Schema, plan: Plan, held: Sequence[str] = ()) -> None:
        (self._label,) = schema.labels
        self._held = tuple(held)
        self._names = schema.names
        self._numbers = {
            field.name: plan.numbers
            for field in schema
            if isinstance(field, NumericField)
        }
        if self._label.kind == "real":
            # As values, most labels would have one row, which says nothing.
            self._numbers[self._label.name] = "buckets"
        self._changed = [
            name for name in schema.names if plan.transforms and name in self._numbers
        ]
        self.forms = [form.format(n) for n in self._changed for form in TRANSFORMS]

    def make(self, rows: pl.DataFrame) -> Block:
        """Make one block.

        Args:
            rows: hashes and numbers.

        Returns:
            The block.
        """
        names = (*self._names, self._label.name)
        values = [value_name(name) for name in names if name not in self._numbers]
        # Polars numbers the columns side by side.
        codes = rows.select(pl.col(values).rank("dense").fill_null(0))
        columns = {
            name: self._number(rows, name)
            if name in self._numbers
            else _column(codes[value_name(name)])
            for name in names
        }
        label = columns.pop(self._label.name)
        forms = [
            form for name in self._changed for form in self._forms(rows, name, columns)
        ]
        held = (Column(rows[name].to_numpy().astype(np.intp), 2) for name in self._held)
        return Block(tuple(columns.values()), label, (*forms, *held))

    def _number(self, rows: pl.DataFrame, name: str) -> Column:
        values = rows[number_name(name)].to_numpy()
        return number_column(values, self._numbers[name])

    def _forms(
        self, rows: pl.DataFrame, name: str, columns: dict[str, Column]
    ) -> list[Column | None]:
        found: list[Column | None] = []
        for form in transformed(rows[number_name(name)].to_numpy()):
            column = number_column(form, self._numbers[name])
            is_kept = is_worth_scoring(form, column, columns[name])
            found.append(column if is_kept else None)
        return found


def _column(codes: pl.Series) -> Column:
    numbers = codes.to_numpy().astype(np.intp)
    # Only where values are missing there is a code 0.
    numbers -= numbers.min()
    return Column(numbers, int(numbers.max()) + 1)
