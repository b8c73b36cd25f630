"""Tables read window by window, so that memory does not grow with their length.

Polars' own batches keep a few row groups per core in flight: with groups of half a
million rows that is a gigabyte on two cores. A Parquet or Arrow file can be asked for
rows 200,000 to 400,000 instead, which costs the same time and a fifth of the memory.
"""

import re
import weakref
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TypeVar, final

import numpy as np
import polars as pl
import pyarrow.parquet as pq
from numpy.typing import NDArray
from polars.io.plugins import register_io_source

from fieldwise.data._compact import compact

__all__ = ["chosen_rows", "one_ahead", "windows"]

Item = TypeVar("Item")

_PROBE = (987_654_321, 12_345)
_PUSHED = f"SLICE: Positive {{ offset: {_PROBE[0]}, len: {_PROBE[1]} }}"
_SCAN = re.compile(r"(?:Parquet|Ipc) SCAN \[([^\]]*)\]\n")

SOURCE_ROWS = 2**17
"""Rows per window where Polars asks for chosen rows itself."""


@final
@dataclass(frozen=True)
class _Choice:
    """Some rows of a table."""

    table: pl.LazyFrame
    is_chosen: NDArray[np.bool_]

    def read(self, columns: Sequence[pl.Expr], num_rows: int) -> Iterator[pl.DataFrame]:
        start = 0
        for window in windows(self.table, columns, num_rows):
            kept = self.is_chosen[start : start + len(window)]
            start += len(window)
            if not kept.any():
                continue
            rows = window.filter(pl.Series(kept))
            # Few rows must not keep the text of all others alive.
            yield compact(rows) if 2 * len(rows) < len(window) else rows


_CHOICES: dict[int, tuple["weakref.ref[pl.LazyFrame]", _Choice]] = {}
"""The choice behind a lazy frame, by the frame's address, for as long as it lives."""


def chosen_rows(table: pl.LazyFrame, is_chosen: NDArray[np.bool_]) -> pl.LazyFrame:
    """Some rows of a table, as a lazy frame that is read window by window.

    Examples:
        >>> table = pl.LazyFrame({"day": [1, 2, 3]})
        >>> chosen_rows(table, np.array([True, False, True])).collect().rows()
        [(1,), (3,)]

    Args:
        table: all rows.
        is_chosen: whether to keep each, ``(row,)``.

    Returns:
        The kept rows, in order.
    """
    choice = _Choice(table, is_chosen)

    def source(
        names: list[str] | None,
        predicate: pl.Expr | None,
        num_rows: int | None,
        _batch_rows: int | None,
    ) -> Iterator[pl.DataFrame]:
        columns = [pl.all()] if names is None else [pl.col(name) for name in names]
        left = len(is_chosen) if num_rows is None else num_rows
        read = choice.read(columns, SOURCE_ROWS)
        while left and (window := next(read, None)) is not None:
            rows = window.head(left)
            left -= len(rows)
            yield rows if predicate is None else rows.filter(predicate)

    frame = register_io_source(source, schema=table.collect_schema())
    key = id(frame)
    forget = weakref.ref(frame, lambda _: _CHOICES.pop(key, None))
    _CHOICES[key] = forget, choice
    return frame


def windows(
    frame: pl.LazyFrame, columns: Sequence[pl.Expr], num_rows: int
) -> Iterator[pl.DataFrame]:
    """Read some columns in order, a bounded number of rows at a time.

    Args:
        frame: the table.
        columns: what to read of it, row by row.
        num_rows: most rows at a time.

    Returns:
        The rows.
    """
    known = _CHOICES.get(id(frame))
    if known is not None:
        return known[1].read(columns, num_rows)
    chosen = frame.select(*columns)
    path = _source_of(chosen)
    if path is not None:
        return _slices(chosen, _group_lengths(path, num_rows), num_rows)
    return iter(chosen.collect_batches(chunk_size=num_rows, maintain_order=True))


def one_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Make the next item while the last one is in use: two at most are alive.

    Examples:
        >>> list(one_ahead(iter("abc")))
        ['a', 'b', 'c']

    Args:
        items: made in a thread of their own.

    Yields:
        The items, in order; what fails there is raised here.
    """

    def following() -> list[Item]:
        return list(islice(items, 1))

    with ThreadPoolExecutor(1, thread_name_prefix="fieldwise-read") as reader:
        upcoming = reader.submit(following)
        while found := upcoming.result():
            upcoming = reader.submit(following)
            yield found.pop()


def _slices(
    frame: pl.LazyFrame, lengths: Iterable[int], num_rows: int
) -> Iterator[pl.DataFrame]:
    start = 0
    for length in chain(lengths, repeat(num_rows)):
        rows = frame.slice(start, length).collect(engine="streaming")
        if len(rows):
            yield rows
        if len(rows) < length:
            return
        start += length


def _source_of(frame: pl.LazyFrame) -> str | None:
    """The one file whose rows a slice of the table reads, without those before them.

    Asked of the plan itself: what looks another way, or is printed another way by
    another version, is read in batches. A slice of many files would open them all.
    """
    plan = frame.slice(*_PROBE).explain()
    sources = _SCAN.findall(plan)
    is_read_there = len(sources) == 1 and plan.count(_PUSHED) == 1
    return sources[0] if is_read_there and Path(sources[0]).is_file() else None


def _group_lengths(path: str, num_rows: int) -> Iterator[int]:
    """Lengths of windows that cut few row groups in two: each is decoded once.

    Args:
        path: a file, of Parquet or not.
        num_rows: most rows of a window.

    Yields:
        Rows of each window.
    """
    if not path.endswith(".parquet"):
        return
    metadata = pq.read_metadata(path)
    size = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number).num_rows
        if size and size + group > num_rows:
            yield size
            size = 0
        size += group
        while size > num_rows:
            yield num_rows
            size -= num_rows
    if size:
        yield size
