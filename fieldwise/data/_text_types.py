r"""The types of text columns, decided on all their values.

A column is a number only if every value reads as one and would be written the same
way: ``00123`` stays text, and so does an integer that 64 bits cannot hold. Empty text
and the usual marks of a missing number (``NA``, ``NULL``, ``NaN``, ``\N``) are null in
columns whose other values are all numbers or booleans; in text only the empty field
is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import polars as pl

from fieldwise.data._polars_types import DataType

__all__ = ["ColumnType", "clean_columns", "decide_types", "parse_columns"]

_MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None", r"\N")
_INTEGER = r"^-?(?:0|[1-9][0-9]*)$"
_FLOAT = (
    r"^-?(?:(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
    r"|inf|Infinity)$"
)
_BOOLEAN = r"^(?:true|false|True|False|TRUE|FALSE)$"

_HEAD_ROWS = 1_000
"""Rows that rule out most types, so that the pass over all rows tests few of them."""


@final
@dataclass(frozen=True, slots=True)
class ColumnType:
    """What the values of one column are.

    Args:
        dtype: the type they have.
        is_clean: whether the text of every value is the value and nothing else.
    """

    dtype: DataType
    is_clean: bool


def decide_types(text: pl.LazyFrame) -> tuple[dict[str, ColumnType], int]:
    """Decide the types of text columns, in one streaming pass.

    Args:
        text: columns of strings.

    Returns:
        The type of every column, and the number of rows without any value.
    """
    names = text.collect_schema().names()
    head = _count_facts(text.head(_HEAD_ROWS), names)
    open_names = [
        name
        for name in names
        if head[name]["values"] == 0 or _decide(head[name]).dtype != pl.String
    ]
    facts = _count_facts(text, open_names)
    columns = {
        name: _decide(facts[name]) if name in facts else ColumnType(pl.String(), True)
        for name in names
    }
    return columns, facts[""]["blank"]


def _count_facts(text: pl.LazyFrame, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """Counts over all rows, by column and name of the fact."""
    # The values are made once, as columns of their own, not once per fact: three times
    # faster.
    values = {
        f"\n{name}": pl.when(~stripped.is_in(_MISSING)).then(stripped)
        for name in names
        for stripped in [pl.col(name).str.strip_chars()]
    }
    counts = {
        f"{name}\n{fact}": expression
        for name in names
        for fact, expression in _facts(pl.col(name), pl.col(f"\n{name}")).items()
    }
    # Every column is read here, also the ones already known to be text: a line that
    # is not UTF-8 or has too many values must be met now.
    every = text.collect_schema().names()
    counts["\nblank"] = pl.all_horizontal(pl.col(every).is_null()).sum()
    counted = text.with_columns(**values).select(**counts)
    row = counted.collect(engine="streaming").row(0, named=True)
    facts: dict[str, dict[str, int]] = {}
    for key, count in row.items():
        name, fact = key.rsplit("\n", 1)
        facts.setdefault(name, {})[fact] = count
    return facts


def _facts(raw: pl.Expr, value: pl.Expr) -> dict[str, pl.Expr]:
    return {
        "cells": raw.count(),
        "values": value.count(),
        "untouched": (value == raw).sum(),
        "integers": value.str.contains(_INTEGER).sum(),
        "signed": value.cast(pl.Int64, strict=False).count(),
        "unsigned": value.cast(pl.UInt64, strict=False).count(),
        "floats": value.str.contains(_FLOAT).sum(),
        "booleans": value.str.contains(_BOOLEAN).sum(),
    }


def _decide(facts: Mapping[str, int]) -> ColumnType:
    values = facts["values"]
    dtype: DataType = pl.String()
    if values and facts["integers"] == values:
        # An integer beyond 64 bits stays text: as a float it would lose digits.
        if facts["signed"] == values:
            dtype = pl.Int64()
        elif facts["unsigned"] == values:
            dtype = pl.UInt64()
    elif values and facts["floats"] == values:
        dtype = pl.Float64()
    elif values and facts["booleans"] == values:
        dtype = pl.Boolean()
    clean = dtype == pl.String or facts["untouched"] == facts["cells"]
    return ColumnType(dtype, clean)


def parse_columns(text: pl.DataFrame) -> pl.DataFrame:
    """Give text columns the types their values have.

    Examples:
        >>> text = pl.DataFrame({"hour": ["00", "01"], "day": ["1", "NA"]})
        >>> parse_columns(text).rows()
        [('00', 1), ('01', None)]

    Args:
        text: columns of strings.

    Returns:
        The same columns, numbers and booleans where all values are.
    """
    columns, _ = decide_types(text.lazy())
    loose = {
        name: ColumnType(column.dtype, is_clean=column.dtype == pl.String)
        for name, column in columns.items()
    }
    return clean_columns(text.lazy(), loose).collect()


def clean_columns(
    frame: pl.LazyFrame, columns: Mapping[str, ColumnType]
) -> pl.LazyFrame:
    """Parse the columns whose numbers stand among spaces or marks of the missing.

    Args:
        frame: the table; columns that are not clean hold strings.
        columns: type of each column.

    Returns:
        The table with every column in its type.
    """
    cleaned: list[pl.Expr] = []
    for name, column in columns.items():
        if column.is_clean:
            continue
        stripped = pl.col(name).str.strip_chars()
        if column.dtype == pl.Boolean:
            lower = stripped.str.to_lowercase()
            known = lower.is_in(["true", "false"])
            cleaned.append(pl.when(known).then(lower == "true").alias(name))
        else:
            # Every value is known to parse; what does not is a mark of the missing.
            number = pl.when(~stripped.is_in(_MISSING)).then(stripped)
            cleaned.append(number.cast(column.dtype, strict=False).alias(name))
    return frame.with_columns(cleaned) if cleaned else frame
