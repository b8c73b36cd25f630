"""Which rows of a table train, validate and test, wherever the table is."""

from dataclasses import dataclass
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.engines.engine import ROW, Engine
from fieldwise.data.engines.rows import read_in_order
from fieldwise.data.parts import Parts, as_split, default_split, divide, with_valid
from fieldwise.data.splits import Split
from fieldwise.schema import Schema

__all__ = ["DividedRows", "divide_on_engine", "divide_table"]

BLOCK_ROWS = 2**22
"""Rows of the split's columns that are brought here at a time."""


@final
@dataclass(frozen=True)
class DividedRows:
    """The numbers of the rows of each part, and what identifies the division.

    Args:
        rows: row numbers by part, in order.
        checksum: sha256 over the part of every row.
        split: how the rows were divided, in words.
    """

    rows: dict[str, NDArray[np.int64]]
    checksum: str
    split: str


def divide_table(
    frame: pl.LazyFrame, schema: Schema, split: Split | str | None, *, seed: int = 0
) -> Parts:
    """Divide a table as ``fieldwise.fit`` does.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> frame = pl.LazyFrame({"x": range(10)})
        >>> divide_table(frame, Schema((CategoricalField("x"),)), None).counts
        {'train': 9, 'valid': 1, 'test': 0}

    Args:
        frame: all rows.
        schema: its time and group columns decide where ``split`` does not.
        split: a split, or the column that names the part of each row.
        seed: of what is random.

    Returns:
        The parts; validation rows are held out where ``split`` names none.
    """
    default = default_split(schema, seed=seed)
    if split is None:
        return divide(frame, default)
    return with_valid(divide(frame, as_split(split)), default)


def divide_on_engine(
    engine: Engine, schema: Schema, split: Split | str | None, *, seed: int = 0
) -> DividedRows:
    """Divide a table that stays where it is.

    Only the columns a split looks at come here, with the numbers of the rows, and the
    same functions divide them as any other table.

    Args:
        engine: where the rows are.
        schema: its time and group columns decide where ``split`` does not.
        split: a split, or the column that names the part of each row.
        seed: of what is random.

    Returns:
        The numbers of the rows of each part.

    Raises:
        DataError: if a column is missing, or a part gets no row.
    """
    splits = [default_split(schema, seed=seed)]
    if split is not None:
        splits.append(as_split(split))
    columns = [each.column for each in splits if hasattr(each, "column")]
    if any(name not in engine.types for name in columns):
        # A table without rows is enough to say which column is missing.
        divide_table(pl.LazyFrame(schema=engine.types), schema, split, seed=seed)
    names = list(dict.fromkeys(columns))
    parts = divide_table(_narrow(engine, names), schema, split, seed=seed)
    return DividedRows(
        rows={
            name: frame.select(ROW).collect()[ROW].to_numpy()
            for name, frame in parts.named().items()
        },
        checksum=parts.checksum,
        split=parts.split,
    )


def _narrow(engine: Engine, names: list[str]) -> pl.LazyFrame:
    numbers = pl.LazyFrame({ROW: np.arange(engine.num_rows, dtype=np.int64)})
    if not names:
        return numbers
    with engine.kept(engine.table.select(ROW, *names), ordered=True) as kept:
        blocks = read_in_order(
            kept, engine.types, num_rows=engine.num_rows, block_rows=BLOCK_ROWS
        )
        return pl.concat([*blocks]).lazy() if engine.num_rows else numbers
