"""Which rows train, validate and test a model.

A split says in words how rows are divided; ``assign`` gives the part of each row. The
answer depends on the order and values of the rows only, never on the machine, the
number of workers or how a table is chunked.
"""

import hashlib
from dataclasses import dataclass
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise._checks import check_share
from fieldwise.data._hash_borders import hash_borders, row_hashes
from fieldwise.data._hash_index import HashIndex
from fieldwise.data._one_column import (
    check_single_values,
    check_sortable,
    column_chunks,
    single_values,
)
from fieldwise.data._splitmix import splitmix64
from fieldwise.data._time_blocks import TimeBlocks
from fieldwise.errors import DataError

__all__ = [
    "PARTS",
    "ColumnSplit",
    "GroupSplit",
    "RandomSplit",
    "Split",
    "TimeSplit",
    "split_checksum",
    "split_counts",
]

PARTS = ("train", "valid", "test")
"""Names of the part codes 0, 1 and 2."""

_TRAIN, _VALID, _TEST = np.uint8(0), np.uint8(1), np.uint8(2)
_SHOWN = 10


@final
@dataclass(frozen=True, slots=True)
class RandomSplit:
    """Rows at random, in exact shares.

    Examples:
        >>> frame = pl.LazyFrame({"x": range(10)})
        >>> split_counts(RandomSplit(valid=0.2, test=0.1).assign(frame))
        {'train': 7, 'valid': 2, 'test': 1}

    Args:
        valid: share of rows to validate on, in [0, 1); at least one row unless 0.
        test: share of rows to test on, in [0, 1); at least one row unless 0.
        seed: another seed gives another choice.

    Raises:
        ValueError: if the shares leave nothing to train on.
    """

    valid: float = 0.1
    test: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        _check_shares(self.valid, self.test)

    def assign(self, frame: pl.LazyFrame) -> NDArray[np.uint8]:
        """Give each row a part.

        Args:
            frame: all rows; only their number counts.

        Returns:
            Part codes, ``(row,)``: 0 train, 1 valid, 2 test.

        Raises:
            DataError: if a part gets no row.
        """
        num_rows = frame.select(pl.len()).collect(engine="streaming").item()
        num_test = _share_of(num_rows, self.test)
        num_held = num_test + _share_of(num_rows, self.valid)
        parts = np.full(num_rows, _TRAIN)
        if num_held < num_rows:
            borders = hash_borders(num_rows, self.seed, [num_test, num_held])
            for rows, hashes in row_hashes(num_rows, self.seed):
                parts[rows][hashes < borders[1]] = _VALID
                parts[rows][hashes < borders[0]] = _TEST
        else:
            parts[:] = _VALID
        return _checked(parts, self, self.valid > 0, self.test > 0)


@final
@dataclass(frozen=True, slots=True)
class TimeSplit:
    """The latest rows test, the ones before them validate.

    Rows of equal time stay together, so shares are met as closely as they allow.
    Rows without a time train.

    Examples:
        >>> frame = pl.LazyFrame({"day": [1, 1, 2, 2, 3, 3]})
        >>> TimeSplit("day", valid=0.3, test=0.3).assign(frame)
        array([0, 0, 1, 1, 2, 2], dtype=uint8)

    Args:
        column: numbers, dates, times, or text that sorts by time (``2024-01-31``).
        valid: share of rows to validate on, in [0, 1).
        test: share of rows to test on, in [0, 1).

    Raises:
        ValueError: if the shares leave nothing to train on.
    """

    column: str
    valid: float = 0.1
    test: float = 0.0

    def __post_init__(self) -> None:
        _check_shares(self.valid, self.test)

    def assign(self, frame: pl.LazyFrame) -> NDArray[np.uint8]:
        """Give each row a part.

        Args:
            frame: all rows.

        Returns:
            Part codes, ``(row,)``: 0 train, 1 valid, 2 test.

        Raises:
            DataError: if the column is missing, cannot be ordered by time, or has too
                few different times.
        """
        check_single_values(frame, self.column)
        check_sortable(frame, self.column)
        times = single_values(frame, self.column)
        if frame.collect_schema()[self.column].is_float():
            times = times.fill_nan(None)
        blocks = TimeBlocks(lambda: column_chunks(frame, times))
        num_rows = blocks.num_rows
        sizes = blocks.refine(
            [num_rows * self.test, num_rows * (self.test + self.valid)]
        )
        # The latest blocks are cut off first.
        block_parts = _cut(sizes[::-1], num_rows, self.valid, self.test)[::-1]
        found = [np.full(0, _TRAIN)]
        for chunk in column_chunks(frame, times):
            parts = np.full(len(chunk), _TRAIN)
            known = chunk.is_not_null()
            parts[known.to_numpy()] = block_parts[blocks.find(chunk.filter(known))]
            found.append(parts)
        return _checked(np.concatenate(found), self, self.valid > 0, self.test > 0)


@final
@dataclass(frozen=True, slots=True)
class GroupSplit:
    """Whole groups at random: no group has rows in two parts.

    Shares are of rows, met as closely as the sizes of the groups allow. Rows without a
    group are one group. All different groups are held in memory, rows are not.

    Examples:
        >>> frame = pl.LazyFrame({"user": ["a", "b", "a", "c", "b", "d"]})
        >>> GroupSplit("user", valid=0.3).assign(frame)
        array([1, 0, 1, 0, 0, 0], dtype=uint8)

    Args:
        column: the column that says which rows belong together.
        valid: share of rows to validate on, in [0, 1).
        test: share of rows to test on, in [0, 1).
        seed: another seed gives another choice.

    Raises:
        ValueError: if the shares leave nothing to train on.
    """

    column: str
    valid: float = 0.1
    test: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        _check_shares(self.valid, self.test)

    def assign(self, frame: pl.LazyFrame) -> NDArray[np.uint8]:
        """Give each row a part.

        Args:
            frame: all rows.

        Returns:
            Part codes, ``(row,)``: 0 train, 1 valid, 2 test.

        Raises:
            DataError: if the column is missing or holds lists, or there are too few
                groups.
        """
        check_single_values(frame, self.column)
        values = single_values(frame, self.column)
        distinct = frame.select(x=values).drop_nulls().unique().sort("x")
        groups = HashIndex(distinct.collect(engine="streaming").to_series())
        # Number 0 is "no group", the others follow the order of the groups.
        sizes = np.zeros(len(groups) + 1, dtype=np.int64)
        for chunk in column_chunks(frame, values):
            sizes += np.bincount(groups.find(chunk), minlength=len(sizes))
        numbers = np.arange(len(sizes), dtype=np.uint64)
        order = np.argsort(splitmix64(numbers, self.seed))
        # "No group" may have no rows: then it is no group to give away.
        order = order[sizes[order] > 0]
        group_parts = np.full(len(sizes), _TRAIN)
        group_parts[order] = _cut(sizes[order], int(sizes.sum()), self.valid, self.test)
        found = [np.full(0, _TRAIN)]
        for chunk in column_chunks(frame, values):
            found.append(group_parts[groups.find(chunk)])
        return _checked(np.concatenate(found), self, self.valid > 0, self.test > 0)


@final
@dataclass(frozen=True, slots=True)
class ColumnSplit:
    """The parts stand in a column already.

    Args:
        column: the column that names the part of each row.
        train: its values that mean training, as text.
        valid: its values that mean validation, as text.
        test: its values that mean test, as text.

    Raises:
        ValueError: if a value stands for two parts.
    """

    column: str
    train: tuple[str, ...] = ("train",)
    valid: tuple[str, ...] = ("valid", "validation", "val")
    test: tuple[str, ...] = ("test",)

    def __post_init__(self) -> None:
        values = [*self.train, *self.valid, *self.test]
        doubled = sorted({value for value in values if values.count(value) > 1})
        if doubled:
            message = f"train, valid and test must differ, got {doubled} in two parts."
            raise ValueError(message)

    def assign(self, frame: pl.LazyFrame) -> NDArray[np.uint8]:
        """Give each row a part.

        Args:
            frame: all rows.

        Returns:
            Part codes, ``(row,)``: 0 train, 1 valid, 2 test.

        Raises:
            DataError: if the column is missing or has values that name no part; all
                of them are listed.
        """
        check_single_values(frame, self.column)
        names = pl.col(self.column).cast(pl.String)
        codes = {
            value: code
            for code, values in enumerate((self.train, self.valid, self.test))
            for value in values
        }
        found = [np.full(0, _TRAIN)]
        unknown = pl.DataFrame(schema={"x": pl.String, "count": pl.UInt32})
        for chunk in column_chunks(frame, names):
            strange = chunk.filter(~chunk.is_in(list(codes)) | chunk.is_null())
            counts = strange.alias("x").value_counts()
            unknown = pl.concat([unknown, counts]).group_by("x").sum()
            parts = chunk.replace_strict(codes, default=None, return_dtype=pl.UInt8)
            found.append(parts.fill_null(_TRAIN).to_numpy())
        if len(unknown):
            raise DataError(self._unknown_names(unknown, list(codes)))
        return _checked(np.concatenate(found), self)

    def _unknown_names(self, counts: pl.DataFrame, known: list[str]) -> str:
        found = counts["x"].sort().to_list()
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return (
            f"column {self.column!r} must name a part in every row, got "
            f"{found[:_SHOWN]}{more} in {counts['count'].sum()} rows. Known are "
            f"{known}; pass others as train, valid or test."
        )


Split = RandomSplit | TimeSplit | GroupSplit | ColumnSplit
"""Anything that divides rows."""


def split_checksum(parts: NDArray[np.uint8]) -> str:
    """Checksum a division, to tell whether two runs saw the same rows.

    Args:
        parts: part codes, ``(row,)``.

    Returns:
        A sha256 in hexadecimal.
    """
    return hashlib.sha256(parts.astype(np.uint8).tobytes()).hexdigest()


def split_counts(parts: NDArray[np.uint8]) -> dict[str, int]:
    """Count the rows of each part.

    Examples:
        >>> split_counts(np.array([0, 0, 2], dtype=np.uint8))
        {'train': 2, 'valid': 0, 'test': 1}

    Args:
        parts: part codes, ``(row,)``.

    Returns:
        Rows by name of the part.
    """
    counts = np.bincount(parts, minlength=len(PARTS))
    return {name: int(count) for name, count in zip(PARTS, counts, strict=True)}


def _check_shares(valid: float, test: float) -> None:
    check_share("valid", valid)
    check_share("test", test)
    if valid + test >= 1:
        message = (
            f"valid + test must be below 1, got {valid} + {test}. Lower one of them: "
            "the rest is for training."
        )
        raise ValueError(message)


def _share_of(num_rows: int, share: float) -> int:
    return max(1, round(num_rows * share)) if share > 0 else 0


def _cut(
    sizes: NDArray[np.int64], num_rows: int, valid: float, test: float
) -> NDArray[np.uint8]:
    """Part of each block of rows: the first blocks test, the next ones validate.

    Each border is the block end nearest to the share of rows asked for, with at least
    one block for a share above 0.
    """
    ends = np.concatenate([[0], np.cumsum(sizes)])
    last = len(sizes)
    first_valid = 0
    if test > 0:
        first_valid = max(1, int(np.argmin(np.abs(ends - num_rows * test))))
    first_train = first_valid
    if valid > 0:
        target = num_rows * (valid + test)
        nearest = int(np.argmin(np.abs(ends - target)))
        first_train = max(first_valid + 1, nearest)
    parts = np.full(last, _TRAIN)
    parts[:first_train] = _VALID
    parts[:first_valid] = _TEST
    return parts


def _checked(
    parts: NDArray[np.uint8], split: object, *wanted: bool
) -> NDArray[np.uint8]:
    """Raise if training, or a part with a share above 0, got no row."""
    counts = split_counts(parts)
    asked = zip(PARTS, (True, *wanted), strict=False)
    empty = [name for name, is_wanted in asked if is_wanted and counts[name] == 0]
    if empty:
        message = (
            f"split must leave rows for {' and '.join(empty)}, got {counts} from "
            f"{split}. Lower valid or test, or pass more rows, times or groups."
        )
        raise DataError(message)
    return parts
