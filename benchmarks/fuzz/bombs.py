"""Small Parquet files that inflate enormously, as a zip bomb does."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["BOMB_ROWS", "write_bombs"]

MIB = 2**20
GROUP_ROWS = 2**24
NUM_GROUPS = 20

BOMB_ROWS: Mapping[str, int] = {
    "run lengths": NUM_GROUPS * GROUP_ROWS,
    "deltas": NUM_GROUPS * GROUP_ROWS,
    "long values": 32,
    "long dictionary": 2000,
    "shared prefixes": 2000,
    "many columns": 2,
    "deep lists": 2,
}
"""Rows of each bomb, by its name."""


def write_bombs(home: Path, *, num_groups: int = NUM_GROUPS) -> None:
    """Write one file for each entry of ``BOMB_ROWS``.

    Args:
        home: gets the files.
        num_groups: parts of 16 million rows of the longest; fewer are written faster.
    """
    nulls = pa.table(
        {
            "value": pa.nulls(GROUP_ROWS, pa.large_string()),
            "count": pa.array(np.zeros(GROUP_ROWS, np.int64)),
            "index": pa.array(np.zeros(GROUP_ROWS, np.int32)),
        }
    )
    _write(home, "run lengths", (nulls for _ in range(num_groups)))
    deltas = {"use_dictionary": False}
    deltas["column_encoding"] = {
        "count": "DELTA_BINARY_PACKED",
        "index": "DELTA_BINARY_PACKED",
    }
    _write(home, "deltas", _rising(nulls, num_groups), **deltas)
    _write(home, "long values", _few(20 * MIB, 32, 1), use_dictionary=False)
    dictionary = {"use_dictionary": True, "dictionary_pagesize_limit": 2**30}
    same = _table(pa.array(["x" * MIB] * 100))
    _write(home, "long dictionary", (same for _ in range(20)), **dictionary)
    prefixes = {"use_dictionary": False}
    prefixes["column_encoding"] = {"value": "DELTA_BYTE_ARRAY"}
    _write(home, "shared prefixes", _few(MIB, 200, 10), **prefixes)
    wide = {f"value{place}": pa.array([None, "a"]) for place in range(20_000)}
    _write(home, "many columns", iter([pa.table(wide)]))
    kind = pa.int32()
    for _ in range(400):
        kind = pa.list_(kind)
    deep = pa.table({"value": pa.nulls(2, kind), "count": [1, 1], "index": [0, 1]})
    _write(home, "deep lists", iter([deep]))


def _few(length: int, group_rows: int, num_groups: int) -> Iterator[pa.Table]:
    """Distinct strings of one length."""
    for group in range(num_groups):
        texts = [f"{'x' * length}{group}-{row}" for row in range(group_rows)]
        yield _table(pa.array(texts, pa.large_string()))


def _rising(nulls: pa.Table, num_groups: int) -> Iterator[pa.Table]:
    for group in range(num_groups):
        rows = np.arange(GROUP_ROWS, dtype=np.int32) + np.int32(group * GROUP_ROWS)
        yield nulls.set_column(2, "index", pa.array(rows))


def _table(values: pa.Array) -> pa.Table:
    counts = pa.array(np.ones(len(values), np.int64))
    places = pa.array(np.arange(len(values), dtype=np.int32))
    return pa.table({"value": values, "count": counts, "index": places})


def _write(home: Path, name: str, groups: Iterator[pa.Table], **settings: Any) -> None:
    first = next(groups)
    path = home / f"{name}.parquet"
    settings = {"compression": "zstd", "write_statistics": False} | settings
    with pq.ParquetWriter(path, first.schema, **settings) as writer:
        writer.write_table(first, row_group_size=GROUP_ROWS)
        for group in groups:
            writer.write_table(group, row_group_size=GROUP_ROWS)
