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
from fieldwise.data._ranks import dense_ranks
from fieldwise.data._splitmix import splitmix64
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
            hashes = splitmix64(np.arange(num_rows, dtype=np.uint64), self.seed)
            # Hashes of different rows differ, so the k-th smallest cuts off exactly k.
            borders = np.partition(hashes, [num_test, num_held])
            parts[hashes < borders[num_held]] = _VALID
            parts[hashes < borders[num_test]] = _TEST
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
        times = _column(frame, self.column)
        _check_sortable(times)
        if times.dtype.is_float():
            times = times.fill_nan(None)
        ranks = dense_ranks(times)
        # Rank 0 is "no time"; the others are blocks of rows, latest first.
        sizes = np.bincount(ranks, minlength=1)[:0:-1]
        block_parts = _cut(sizes, len(ranks), self.valid, self.test)
        parts_by_rank = np.append(_TRAIN, block_parts[::-1])
        return _checked(parts_by_rank[ranks], self, self.valid > 0, self.test > 0)


@final
@dataclass(frozen=True, slots=True)
class GroupSplit:
    """Whole groups at random: no group has rows in two parts.

    Shares are of rows, met as closely as the sizes of the groups allow. Rows without a
    group are one group.

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
        ranks = dense_ranks(_column(frame, self.column))
        sizes = np.bincount(ranks, minlength=1)
        numbers = np.arange(len(sizes), dtype=np.uint64)
        order = np.argsort(splitmix64(numbers, self.seed))
        # Rank 0, "no group", may have no rows: then it is no group to give away.
        order = order[sizes[order] > 0]
        parts_by_rank = np.full(len(sizes), _TRAIN)
        parts_by_rank[order] = _cut(sizes[order], len(ranks), self.valid, self.test)
        return _checked(parts_by_rank[ranks], self, self.valid > 0, self.test > 0)


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
        names = _column(frame, self.column).cast(pl.String)
        codes = {
            value: code
            for code, values in enumerate((self.train, self.valid, self.test))
            for value in values
        }
        unknown = names.filter(~names.is_in(list(codes)) | names.is_null())
        if len(unknown):
            found = unknown.unique().sort().to_list()
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            message = (
                f"column {self.column!r} must name a part in every row, got "
                f"{found[:_SHOWN]}{more} in {len(unknown)} rows. Known are "
                f"{list(codes)}; pass others as train, valid or test."
            )
            raise DataError(message)
        parts = names.replace_strict(codes, return_dtype=pl.UInt8).to_numpy()
        return _checked(np.array(parts, dtype=np.uint8), self)


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


def _column(frame: pl.LazyFrame, column: str) -> pl.Series:
    types = frame.collect_schema()
    if column not in types:
        message = (
            f"column must be a column of the frame, got {column!r}. The frame has "
            f"{types.names()[:_SHOWN]}."
        )
        raise DataError(message)
    if types[column].is_nested() or types[column] == pl.Object:
        message = (
            f"column must hold single values, got {column!r} with {types[column]}. "
            "Name another column."
        )
        raise DataError(message)
    return frame.select(column).collect(engine="streaming").to_series()


def _check_sortable(times: pl.Series) -> None:
    """Refuse text whose alphabetical order is not the order of time."""
    if isinstance(times.dtype, pl.Categorical | pl.Enum):
        times = times.cast(pl.String)
    if times.dtype == pl.String:
        known = times.drop_nulls()
        day_first = known.str.contains(r"^[0-9]{1,2}[./-]").any()
        digits = known.str.contains(r"^[0-9]+$").all()
        uneven = digits and known.str.len_bytes().n_unique() > 1
        if day_first or uneven:
            message = (
                f"column must sort by time, got {times.name!r} with text such as "
                f"{known[0]!r}. Write times as 2024-01-31, or parse them to dates."
            )
            raise DataError(message)


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
