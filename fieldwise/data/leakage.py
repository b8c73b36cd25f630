"""Signs that a validation score is too good to be true.

Every check returns warnings; none stops a run. Not every warning is a mistake: a table
of a few coarse columns repeats its rows by nature.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._compact import compact
from fieldwise.data._polars_types import Schema
from fieldwise.data._ranks import dense_ranks
from fieldwise.data._row_hashes import RowHashes
from fieldwise.data._splitmix import splitmix64
from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.parts import Parts
from fieldwise.data.splits import PARTS
from fieldwise.errors import ShapeError
from fieldwise.metrics.ranking import auc
from fieldwise.schema import Schema as Fields

__all__ = [
    "GIVEAWAY_AUC",
    "LeakageWarning",
    "duplicate_rows",
    "label_giveaway",
    "leaks_in_parts",
    "looks_like_row_number",
]

_LOG = logging.getLogger("fieldwise")

GIVEAWAY_AUC = 0.99
"""A field that alone orders the labels this well was hardly known beforehand."""

_SAMPLE_ROWS = 200_000
_CONSECUTIVE_SHARE = 0.9


@final
@dataclass(frozen=True, slots=True)
class LeakageWarning:
    """One sign of a leak.

    Args:
        kind: the check that found it: ``duplicate_rows`` or ``label_giveaway``.
        field: the field it is about; None if it is about whole rows.
        message: what was found, and what to do.
        value: the measure behind it: a share of rows, or an AUC.
    """

    kind: str
    field: str | None
    message: str
    value: float


def duplicate_rows(
    frame: pl.LazyFrame, parts: NDArray[np.uint8], columns: Sequence[str]
) -> list[LeakageWarning]:
    """Find validation and test rows that stand in the training rows, too.

    Rows are compared by a 64-bit hash of the given columns. The hashes of training rows
    are kept in a file, those of the others in memory: 20 bytes for each of them.

    Args:
        frame: all rows.
        parts: part codes, ``(row,)``: 0 train, 1 valid, 2 test.
        columns: the columns to compare, usually all fields; unknown ones are ignored.

    Returns:
        At most one warning per part; its value is a share of the part's rows.

    Raises:
        ShapeError: if there is not one part per row.
    """
    types = frame.collect_schema()
    known = [name for name in columns if name in types]
    if not known:
        return []
    with RowHashes(frame, known) as hashes:
        if hashes.num_rows != len(parts):
            message = (
                f"parts must have one code per row ({hashes.num_rows}), got "
                f"{len(parts)}."
            )
            raise ShapeError(message)
        is_copy = hashes.stand_in(parts == 0, among=parts != 0)
    found = []
    for code, part in enumerate(PARTS[1:], start=1):
        held = parts[parts != 0] == code
        count = int(np.count_nonzero(is_copy & held))
        if count:
            num_held = int(np.count_nonzero(held))
            share = count / num_held
            message = (
                f"{count} of {num_held} {part} rows ({share:.1%}) stand in the "
                f"training rows, too, with equal values in all {len(known)} columns. "
                "Drop the copies, or keep rows that belong together in one part with "
                "a GroupSplit."
            )
            found.append(LeakageWarning("duplicate_rows", None, message, share))
    return found


def label_giveaway(
    frame: pl.LazyFrame, label: str, columns: Sequence[str]
) -> list[LeakageWarning]:
    """Find fields that give a binary label away on their own.

    A number is scored by its rank, a name by how often the label is 1 at that name in
    the *other* half of the rows: so a field of many rare names, which no row shares
    with another, scores 0.5. Integers may be either and are scored both ways. Fields
    of lists are passed over, and so is everything if the label is not binary.

    Args:
        frame: all rows, or the training rows; at most 200,000 evenly spaced ones are
            looked at.
        label: the label's column.
        columns: the columns to check; unknown ones are ignored.

    Returns:
        One warning per field whose AUC is ``GIVEAWAY_AUC`` or more, in either
        direction; its value is the AUC of the better direction.
    """
    types = frame.collect_schema()
    known = [
        name
        for name in dict.fromkeys(columns)
        if name in types and name != label and not types[name].is_nested()
    ]
    if label not in types or types[label].is_nested() or not known:
        return []
    sample = _evenly_spaced(frame, [label, *known], _observed(types, label))
    classes = sample[label].unique().sort()
    if len(classes) != 2:
        return []
    labels = (sample[label] == classes[1]).to_numpy().astype(np.float64)
    found = []
    for name in known:
        value = _single_field_auc(sample[name], labels)
        if value >= GIVEAWAY_AUC:
            message = (
                f"field {name!r} alone predicts label {label!r} with an AUC of "
                f"{value:.4f}. Check that it is known before the label is, else leave "
                "it out."
            )
            found.append(LeakageWarning("label_giveaway", name, message, value))
    return found


def looks_like_row_number(frame: pl.LazyFrame, column: str) -> bool:
    """Tell whether a column merely counts the rows.

    Examples:
        >>> frame = pl.LazyFrame({"row": [7, 8, 9, 10], "age": [31, 44, 31, 28]})
        >>> looks_like_row_number(frame, "row"), looks_like_row_number(frame, "age")
        (True, False)

    Args:
        frame: all rows, in their order.
        column: the column to look at.

    Returns:
        Whether it holds different integers that rise or fall throughout, with few
        numbers left out.
    """
    dtype = frame.collect_schema().get(column)
    if dtype is None or not dtype.is_integer():
        return False
    values = pl.col(column)
    # 128 bits: the difference of two unsigned values must not wrap around.
    steps = values.cast(pl.Int128).diff()
    rows, nulls, low, high, least, most = (
        frame.select(
            pl.len().alias("rows"),
            values.null_count().alias("nulls"),
            values.min().alias("low"),
            values.max().alias("high"),
            steps.min().alias("least"),
            steps.max().alias("most"),
        )
        .collect(engine="streaming")
        .row(0)
    )
    if rows < 2 or nulls:
        return False
    is_monotone = least > 0 or most < 0
    return bool(is_monotone and (rows - 1) / (high - low) >= _CONSECUTIVE_SHARE)


def leaks_in_parts(parts: Parts, schema: Fields) -> list[str]:
    """Look for all signs of a leak in a divided table, and log them.

    Args:
        parts: the divided table.
        schema: the fitted fields and labels.

    Returns:
        What looks like a leak, in words.
    """
    named = parts.named()
    codes = np.repeat(
        np.array([PARTS.index(name) for name in named], dtype=np.uint8),
        [parts.counts[name] for name in named],
    )
    rows = [part.select(schema.names) for part in named.values()]
    try:
        together = pl.concat(rows, how="vertical_relaxed")
        found = duplicate_rows(together, codes, schema.names)
    except pl.exceptions.PolarsError as error:
        _LOG.info("rows of different types are not searched for copies: %s", error)
        found = []
    for label in schema.labels:
        if label.kind == "binary":
            found += label_giveaway(parts.train, label.name, schema.names)
    for warning in found:
        _LOG.warning(warning.message)
    return [warning.message for warning in found]


def _observed(types: Schema, label: str) -> pl.Expr:
    if types[label].is_float():
        return pl.col(label).is_not_nan() & pl.col(label).is_not_null()
    return pl.col(label).is_not_null()


def _evenly_spaced(
    frame: pl.LazyFrame, columns: Sequence[str], is_observed: pl.Expr
) -> pl.DataFrame:
    """Some of the observed rows."""
    counted = frame.select(is_observed.sum())
    num_rows = int(counted.collect(engine="streaming").item())
    names = [pl.col(name) for name in columns]
    sample = [frame.select(names).head(0).collect()]
    start = 0
    for chunk in read_chunks(frame, names, max_rows=CHUNK_ROWS, width=len(names)):
        rows = chunk.filter(is_observed)
        if num_rows > _SAMPLE_ROWS:
            # Row i is kept where i * sample / rows passes a whole number.
            places = np.arange(start, start + len(rows) + 1) * _SAMPLE_ROWS // num_rows
            start += len(rows)
            rows = compact(rows.filter(np.diff(places) > 0))
        sample.append(rows)
    return pl.concat(sample)


def _single_field_auc(column: pl.Series, labels: NDArray[np.float64]) -> float:
    dtype = column.dtype
    values = []
    if dtype.is_numeric() or dtype.is_temporal() or dtype == pl.Boolean:
        # A null is a value of its own, below all others; either end would do, since
        # both directions count.
        by_rank = auc(labels, dense_ranks(column))
        values += [by_rank, 1 - by_rank]
    if not (dtype.is_float() or dtype.is_temporal() or dtype == pl.Boolean):
        values += _out_of_half_aucs(dense_ranks(column), labels)
    return max(values, default=0.5)


def _out_of_half_aucs(
    codes: NDArray[np.int64], labels: NDArray[np.float64]
) -> list[float]:
    """The mean of two AUCs, each half of the rows scored by the other half's labels.

    One direction only: scores below 0.5 come from pairs of rows with opposite labels,
    not from knowledge of them. The halves are drawn by hash, since labels may alternate
    from row to row, and are measured apart, since their shares of ones differ.
    """
    numbers = np.arange(len(codes), dtype=np.uint64)
    in_first = (splitmix64(numbers, seed=0) & np.uint64(1)).astype(bool)
    values = []
    for scored in (in_first, ~in_first):
        other = ~scored
        if len(np.unique(labels[scored])) < 2 or not other.any():
            continue
        num_codes = int(codes.max()) + 1
        counts = np.bincount(codes[other], minlength=num_codes)
        ones = np.bincount(codes[other], weights=labels[other], minlength=num_codes)
        means = np.full(num_codes, labels[other].mean())
        np.divide(ones, counts, out=means, where=counts > 0)
        values.append(auc(labels[scored], means[codes[scored]]))
    return [float(np.mean(values))] if values else []
