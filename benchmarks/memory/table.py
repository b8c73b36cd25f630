"""A click log of any size, written group by group, the same for the same seed."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray

__all__ = ["LABEL", "PART", "write_table"]

LABEL = "click"
PART = "part"
GROUP_ROWS = 2**17
NUM_REGULARS = 500_000
"""Users who come again; each of the others comes once, as on many sites."""
REGULAR_SHARE = 0.25
VALID_SHARE = 0.02


def write_table(path: Path, num_bytes: int, *, seed: int = 0) -> tuple[int, int]:
    """Write a table until it would take so many bytes of memory.

    Args:
        path: the Parquet file.
        num_bytes: its size in memory, as an Arrow table.
        seed: of the random values.

    Returns:
        Rows, and bytes in memory.
    """
    random = np.random.default_rng(seed)
    writer = None
    num_rows = size = 0
    while size < num_bytes:
        group = _group(random, num_rows).to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, group.schema)
        writer.write_table(group, row_group_size=GROUP_ROWS)
        num_rows += group.num_rows
        size += group.nbytes
    if writer is not None:
        writer.close()
    return num_rows, size


def _group(random: np.random.Generator, start: int) -> pl.DataFrame:
    rows = np.arange(start, start + GROUP_ROWS)
    is_regular = random.random(GROUP_ROWS) < REGULAR_SHARE
    user = np.where(is_regular, _skewed(random, NUM_REGULARS), NUM_REGULARS + rows)
    item, ad = _skewed(random, 100_000), _skewed(random, 10_000)
    columns: dict[str, NDArray[np.generic] | pl.Series] = {
        LABEL: random.random(GROUP_ROWS) < 0.05 + 0.3 * (item % 7 == 0),
        PART: np.where(random.random(GROUP_ROWS) < VALID_SHARE, "valid", "train"),
        "time": 1_700_000_000 + rows // 100,
        "user": _names("user", user),
        "item": _names("item", item),
        "ad": ad,
        "seen": _lists(random),
    }
    for number, size in enumerate((10, 200, 5_000, 20_000)):
        columns[f"C{number}"] = _names(f"c{number}", _skewed(random, size))
    for number in range(3):
        columns[f"N{number}"] = random.exponential(100.0, GROUP_ROWS).round(1)
    return pl.DataFrame(columns)


def _skewed(random: np.random.Generator, size: int) -> NDArray[np.int64]:
    return (random.random(GROUP_ROWS) ** 3 * size).astype(np.int64)


def _names(prefix: str, numbers: NDArray[np.int64]) -> pl.Series:
    # Mixed, so that neighbours do not compress better than those of a real log.
    mixed = pl.Series(numbers.astype(np.uint32) * np.uint32(0x9E3779B9))
    return pl.select(pl.format(f"{prefix}-{{}}", pl.lit(mixed))).to_series()


def _lists(random: np.random.Generator) -> pl.Series:
    lengths = random.integers(0, 5, GROUP_ROWS)
    row = np.repeat(np.arange(GROUP_ROWS), lengths)
    items = pl.DataFrame({"row": row, "item": _skewed(random, 1_000)[row]})
    lists = items.group_by("row").agg("item")
    every = pl.DataFrame({"row": np.arange(GROUP_ROWS)})
    return every.join(lists, on="row", how="left", maintain_order="left")["item"]
