"""A sample of a table, divided as the whole table is.

Each part is sampled by itself, so a smaller table keeps the official test rows among
its own, and whole groups are taken where rows belong together.
"""

from dataclasses import replace

import polars as pl

from benchmarks.quality.tables import Table
from fieldwise.data.parts import divide
from fieldwise.data.splits import ColumnSplit

__all__ = ["smaller"]

PART = "part of the sample"


def smaller(table: Table, num_rows: int, *, seed: int = 0) -> Table:
    """Keep at most so many rows of each part of a table.

    Args:
        table: a table and how it is divided.
        num_rows: rows to keep of each part; whole groups, where there are any, so it
            may be a few less.
        seed: of the choice.

    Returns:
        The sample, in the order of the rows; a column of its own says the parts.
    """
    parts = divide(table.frame.lazy(), table.split).named()
    sampled = [
        _sample(frame.collect(), table.group, num_rows, seed).with_columns(
            pl.lit(name).alias(PART)
        )
        for name, frame in parts.items()
    ]
    frame = pl.concat(sampled)
    if isinstance(table.split, ColumnSplit):
        frame = frame.drop(table.split.column)
    return replace(table, frame=frame, split=ColumnSplit(PART))


def _sample(
    frame: pl.DataFrame, group: str | None, num_rows: int, seed: int
) -> pl.DataFrame:
    if frame.height <= num_rows:
        return frame
    if group is None:
        kept = pl.int_range(frame.height, eager=True).sample(num_rows, seed=seed)
        return frame[kept.sort()]
    sizes = frame.group_by(group, maintain_order=True).len()
    sizes = sizes.sample(fraction=1.0, shuffle=True, seed=seed)
    chosen = sizes.filter(pl.col("len").cum_sum() <= num_rows)
    return frame.join(chosen, on=group, how="semi", maintain_order="left")
