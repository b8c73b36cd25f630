"""A table divided into training, validation and test rows."""

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, final

import numpy as np
import polars as pl

from fieldwise.data._windows import chosen_rows
from fieldwise.data.splits import (
    ColumnSplit,
    GroupSplit,
    RandomSplit,
    Split,
    TimeSplit,
    split_checksum,
    split_counts,
)
from fieldwise.errors import DataError
from fieldwise.schema import Schema

__all__ = [
    "Parts",
    "as_split",
    "default_split",
    "divide",
    "given_parts",
    "part_fingerprint",
    "with_valid",
]


@final
@dataclass(frozen=True)
class Parts:
    """Lazy frames of the parts, and what identifies the division.

    Args:
        train: rows to learn from.
        valid: rows to stop and calibrate on; None where there are none.
        test: rows nobody looks at before the end; None where there are none.
        checksum: sha256 over the part of every row.
        counts: rows by part.
        split: how the rows were divided, in words.
    """

    train: pl.LazyFrame
    valid: pl.LazyFrame | None
    test: pl.LazyFrame | None
    checksum: str
    counts: dict[str, int]
    split: str

    def named(self) -> dict[str, pl.LazyFrame]:
        """The parts that exist, by name."""
        parts = {"train": self.train, "valid": self.valid, "test": self.test}
        return {name: frame for name, frame in parts.items() if frame is not None}

    def to_dict(self) -> dict[str, Any]:
        """How the rows were divided, as plain JSON types."""
        return {"how": self.split, "rows": self.counts, "checksum": self.checksum}


def default_split(
    schema: Schema, *, valid: float = 0.1, test: float = 0.0, seed: int = 0
) -> Split:
    """How rows are held out when the user does not say.

    Args:
        schema: time and group columns decide.
        valid: share of rows to hold out.
        test: share of rows to hold out for a test, too.
        seed: of the random choice.

    Returns:
        The latest rows where there is a time column, whole groups where there is a
        group column, else random rows.
    """
    if schema.time is not None:
        return TimeSplit(schema.time, valid=valid, test=test)
    if schema.group is not None:
        return GroupSplit(schema.group, valid=valid, test=test, seed=seed)
    return RandomSplit(valid=valid, test=test, seed=seed)


def as_split(split: Split | str) -> Split:
    """A column name stands for ``ColumnSplit``.

    Args:
        split: a split, or the name of the column that holds the parts.

    Returns:
        The split.
    """
    return ColumnSplit(split) if isinstance(split, str) else split


def divide(frame: pl.LazyFrame, split: Split) -> Parts:
    """Divide a table.

    Examples:
        >>> days = pl.LazyFrame({"day": [1, 2, 3]})
        >>> parts = divide(days, TimeSplit("day", valid=0.3))
        >>> parts.counts, parts.valid.collect().rows(), parts.test
        ({'train': 2, 'valid': 1, 'test': 0}, [(3,)], None)

    Args:
        frame: all rows.
        split: decides the part of each row.

    Returns:
        The parts, each in the order of the rows.
    """
    codes = split.assign(frame)
    counts = split_counts(codes)
    return Parts(
        train=chosen_rows(frame, codes == 0),
        valid=chosen_rows(frame, codes == 1) if counts["valid"] else None,
        test=chosen_rows(frame, codes == 2) if counts["test"] else None,
        checksum=split_checksum(codes),
        counts=counts,
        split=repr(split),
    )


def with_valid(parts: Parts, split: Split) -> Parts:
    """Take validation rows out of the training rows where there are none yet.

    Args:
        parts: of a split that may hold out test rows only.
        split: divides the training rows.

    Returns:
        Parts with validation rows.
    """
    if parts.valid is not None:
        return parts
    held_out = divide(parts.train, split)
    both = f"{parts.checksum} {held_out.checksum}".encode()
    return Parts(
        train=held_out.train,
        valid=held_out.valid,
        test=parts.test,
        checksum=hashlib.sha256(both).hexdigest(),
        counts=held_out.counts | {"test": parts.counts["test"]},
        split=f"{parts.split}, its training rows {held_out.split}",
    )


def given_parts(train: pl.LazyFrame, valid: pl.LazyFrame) -> Parts:
    """Parts that came as tables of their own.

    Args:
        train: rows to learn from.
        valid: rows to stop and calibrate on.

    Returns:
        The parts.

    Raises:
        DataError: if a table has no rows.
    """
    counts = {"train": _num_rows(train), "valid": _num_rows(valid)}
    empty = [name for name, count in counts.items() if count == 0]
    if empty:
        message = f"{' and '.join(empty)} must have rows, got none."
        raise DataError(message)
    codes = np.repeat(np.array([0, 1], dtype=np.uint8), list(counts.values()))
    return Parts(
        train=train,
        valid=valid,
        test=None,
        checksum=split_checksum(codes),
        counts=split_counts(codes),
        split="tables of their own",
    )


def part_fingerprint(schema: Schema, *, data: str, split: str, part: str) -> str:
    """What encoded rows are made from: change any of it, and nothing stale is reused.

    Args:
        schema: the fitted schema: every setting, and all that was learned.
        data: fingerprint of the raw table or tables.
        split: checksum of the division into parts.
        part: name of the part.

    Returns:
        A sha256 in hexadecimal.
    """
    behind = {
        # Another version may encode the same table in another way.
        "fieldwise": version("fieldwise"),
        "schema": schema.to_dict(),
        "data": data,
        "split": split,
        "part": part,
    }
    return hashlib.sha256(json.dumps(behind, sort_keys=True).encode()).hexdigest()


def _num_rows(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect(engine="streaming").item())
