"""A raw table, its schema and the part of each row: all that comes before encoding."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import polars as pl

from fieldwise.data.columns import check_columns
from fieldwise.data.parts import (
    Parts,
    as_split,
    default_split,
    divide,
    given_parts,
    with_valid,
)
from fieldwise.data.readers import read_table, table_fingerprint
from fieldwise.data.splits import ColumnSplit, Split
from fieldwise.schema import Schema

__all__ = ["DividedTable", "divide_table"]

_LOG = logging.getLogger("fieldwise")


@final
@dataclass(frozen=True)
class DividedTable:
    """What a fit starts from.

    Args:
        schema: the fields; need not be fitted.
        parts: the rows to learn from, to stop on and to test on.
        fingerprint: of the raw table, or of both tables.
        name: what the table is called where the cache is listed.
    """

    schema: Schema
    parts: Parts
    fingerprint: str
    name: str


def divide_table(
    data: Any,  # noqa: ANN401
    schema: Schema | None,
    *,
    roles: Mapping[str, Any],
    valid: Any = None,  # noqa: ANN401
    split: Split | str | None = None,
    test: float = 0.0,
    seed: int = 0,
) -> DividedTable:
    """Read a table, guess its schema and divide its rows.

    Without ``valid`` and without validation rows in ``split`` a tenth of the rows is
    held out, as ``default_split`` says.

    Examples:
        >>> clicks = {"site": ["a", "b"] * 20, "click": [0, 1] * 20}
        >>> table = divide_table(clicks, None, roles={"label": "click"}, test=0.1)
        >>> table.schema.names, table.parts.counts
        (('site',), {'train': 32, 'valid': 4, 'test': 4})

    Args:
        data: a frame, Arrow table, file, list of files, glob or folder.
        schema: the fields and roles; guessed by ``Schema.infer`` if None.
        roles: arguments of ``Schema.infer`` for a schema that is guessed.
        valid: held-out rows as a table of their own.
        split: how to divide ``data``: a split, or the column that names the part.
        test: share of rows to test on where neither ``valid`` nor ``split`` says.
        seed: of the random choice, where there is one.

    Returns:
        The divided table; only what divides the rows was read.

    Raises:
        SchemaError: if columns are missing or cannot be used; all are listed.
        DataError: if the data cannot be read or divided.
    """
    # Comes first: a reader that can be read once is refused before it is read.
    fingerprint = _fingerprint(data, valid)
    frame = read_table(data)
    if schema is None:
        hidden = dict.fromkeys([*roles.get("ignore", ()), *_part_column(split, frame)])
        schema = Schema.infer(frame, **{**roles, "ignore": list(hidden)})
    check_columns(schema, frame.collect_schema(), labelled=True)
    if valid is not None:
        held_out = read_table(valid)
        check_columns(schema, held_out.collect_schema(), labelled=True)
        parts = given_parts(frame, held_out)
    elif split is not None:
        default = default_split(schema, seed=seed)
        parts = with_valid(divide(frame, as_split(split)), default)
    else:
        parts = divide(frame, default_split(schema, test=test, seed=seed))
    _LOG.info("rows: %s, %s", parts.counts, parts.split)
    return DividedTable(schema, parts, fingerprint, _name(data))


def _fingerprint(data: object, valid: object) -> str:
    if valid is None:
        return table_fingerprint(data)
    both = f"{table_fingerprint(data)} {table_fingerprint(valid)}"
    return hashlib.sha256(both.encode()).hexdigest()


def _part_column(split: Split | str | None, frame: pl.LazyFrame) -> list[str]:
    """The column that names the part of a row, if it is there, must be no field."""
    column = split.column if isinstance(split, ColumnSplit) else split
    return [name for name in frame.collect_schema().names() if name == column]


def _name(data: object) -> str:
    return str(data) if isinstance(data, str | Path) else type(data).__name__
