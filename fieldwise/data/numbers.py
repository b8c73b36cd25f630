"""What is learned about a numeric field, and how a number is encoded.

Sources: Gorishniy et al., "On Embeddings for Numerical Features in Tabular Deep
Learning", NeurIPS 2022, https://arxiv.org/abs/2203.05556 (piecewise-linear edges);
Juan, Zhuang, Chin, "3 Idiots' Approach for Display Advertising Challenge", 2014
(log-square buckets).
Differences from the sources: numbers are clipped to the 0.001 and 0.999 quantiles, so
that a piece never extrapolates; a value that many rows share takes one bucket and the
other values share the rest (plain quantiles of a column that is mostly 0 would all be
0); a log-square code and a small whole number never share a bucket (the usual recipe
lets 1 collide with 3 and 4); codes of very negative numbers end at -258.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.errors import SchemaError
from fieldwise.schema.field import NumericField

__all__ = ["bucket", "check_buckets", "fit_numeric", "log_square_code", "squash"]
__all__ += ["standardise"]

CLIP_SHARE = 0.001
LARGEST_CODE = 258  # 3 + 255: a square of a logarithm beyond 255 is one bucket
MIN_BUCKET_COUNT = 2  # rarer log-square buckets share the unknown row

Floats = NDArray[np.float64]


def squash(values: Floats) -> Floats:
    """Signed logarithm: tames heavy tails and keeps the sign and the order.

    Args:
        values: raw numbers; NaN stays NaN.

    Returns:
        ``sign(x) * log(1 + |x|)``.
    """
    return np.asarray(np.copysign(np.log1p(np.abs(values)), values))


def log_square_code(values: Floats) -> Floats:
    """Bucket code of the log-square recipe, in two code spaces that never meet.

    Examples:
        >>> log_square_code(np.array([-1.0, 2.0, 3.0, 5.0, 1000.0])).tolist()
        [-1.0, 2.0, 4.0, 5.0, 50.0]

    Args:
        values: raw numbers; NaN stays NaN.

    Returns:
        ``floor(x)`` for x <= 2, else ``3 + floor(ln(x) ** 2)``, within [-258, 258].
    """
    is_large = values > 2
    logs = np.log(np.where(is_large, values, 1.0))
    codes = np.where(is_large, 3 + np.floor(logs * logs), np.floor(values))
    return np.clip(codes, -LARGEST_CODE, LARGEST_CODE)


def fit_numeric(
    field: NumericField, values: Floats, *, has_nulls: bool = False
) -> NumericField:
    """Learn scale, clipping and edges of a field.

    Args:
        field: its settings.
        values: raw numbers of training rows, or of a sample of them; NaN for missing.
        has_nulls: whether training rows outside the sample have missing values.

    Returns:
        The fitted field. A field without any number is centred on zero. The edges of
        ``ple`` are at least two and strictly increasing, or none.
    """
    is_null = np.isnan(values)
    has_nulls = has_nulls or bool(is_null.any())
    present = values[~is_null]
    if field.encoding == "log_square":
        codes, counts = np.unique(log_square_code(present), return_counts=True)
        edges = codes[counts >= MIN_BUCKET_COUNT]
        return _with_buckets(field, edges, len(edges), has_nulls)
    ordered = np.sort(present[np.isfinite(present)])
    if field.encoding == "quantile":
        edges = _bucket_starts(ordered, field.num_buckets)[1:]
        return _with_buckets(field, edges, len(edges) + 1, has_nulls)
    low, high = _clip_range(ordered)
    squashed = squash(np.clip(ordered, low, high))
    center = float(squashed.mean()) if len(squashed) else 0.0
    scale = float(squashed.std()) if len(squashed) else 0.0
    fitted = replace(
        field,
        low=low,
        high=high,
        center=center,
        # A constant column must not divide by zero (or by a rounding error).
        scale=scale if scale > 1e-12 * max(1.0, abs(center)) else 1.0,
        edges=(),
        has_nulls=has_nulls,
    )
    if field.encoding == "ple" and len(ordered):
        starts = _bucket_starts(ordered, field.num_buckets)
        pieces = standardise(fitted, np.append(starts, ordered[-1]))
        # Distinct numbers may be one number in the 32 bits a model computes with.
        edges = np.unique(pieces.astype(np.float32))
        fitted = replace(fitted, edges=tuple(edges.tolist()) if len(edges) > 1 else ())
    return fitted


def _with_buckets(
    field: NumericField, edges: Floats, num_buckets: int, has_nulls: bool
) -> NumericField:
    return replace(
        field,
        edges=tuple(edges.tolist()),
        has_nulls=has_nulls,
        num_features=1 + num_buckets + has_nulls,
    )


def _clip_range(ordered: Floats) -> tuple[float, float]:
    """Quantiles that are numbers of the column; its ends where there are few."""
    if not len(ordered):
        return 0.0, 0.0
    skipped = int(CLIP_SHARE * (len(ordered) - 1))
    return float(ordered[skipped]), float(ordered[-1 - skipped])


def _bucket_starts(ordered: Floats, num_buckets: int) -> Floats:
    """Smallest number of each bucket; every bucket holds numbers of the column.

    Without ties buckets have equal counts. A number more frequent than an equal share
    counts as one share, so that the rest divides the other buckets among itself.
    """
    is_start = np.ones(len(ordered), dtype=bool)
    is_start[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(is_start)
    distinct = ordered[starts]
    if len(distinct) <= num_buckets:
        return distinct
    shares = np.diff(starts, append=len(ordered)).astype(np.float64)
    for _ in range(num_buckets):
        capped = np.minimum(shares, shares.sum() / num_buckets)
        if np.array_equal(capped, shares):
            break
        shares = capped
    middles = (np.cumsum(shares) - shares / 2) * (num_buckets / shares.sum())
    return distinct[np.flatnonzero(np.diff(np.floor(middles), prepend=-1.0))]


def standardise(field: NumericField, values: Floats) -> Floats:
    """Clip, squash, centre and scale.

    Args:
        field: a fitted field that is not bucketed.
        values: raw numbers; NaN stays NaN.

    Returns:
        Numbers of about unit scale.
    """
    numbers = squash(np.clip(values, field.low, field.high))
    numbers -= field.center or 0.0
    numbers /= field.scale or 1.0
    return numbers


def bucket(field: NumericField, values: Floats) -> NDArray[np.int32]:
    """Index of the bucket each number falls into.

    Args:
        field: a fitted, bucketed field.
        values: raw numbers, NaN for missing.

    Returns:
        Indices; missing has the last one where training rows had gaps, else 0.
    """
    if field.encoding == "log_square":
        return _log_square_bucket(field, values)
    edges = np.asarray(field.edges)
    indices = 1 + np.searchsorted(edges, values, side="right")
    missing = 2 + len(edges) if field.has_nulls else UNKNOWN
    return np.where(np.isnan(values), missing, indices).astype(np.int32)


def check_buckets(field: NumericField) -> None:
    """Raise unless every bucket has a row, and every row a bucket.

    An index beyond the rows of its field would read those of the next one.

    Args:
        field: a fitted, bucketed field.

    Raises:
        SchemaError: if its edges do not suit its number of rows.
    """
    is_code = field.encoding == "log_square"
    num_rows = 1 + len(field.edges) + (not is_code) + field.has_nulls
    if field.num_features != num_rows:
        message = (
            f"field {field.name!r} must have {num_rows} features, as its "
            f"{len(field.edges)} edges say, got {field.num_features}."
        )
        raise SchemaError(message)
    if is_code and any(not abs(code) <= LARGEST_CODE for code in field.edges):
        message = f"codes of field {field.name!r} must be up to {LARGEST_CODE}."
        raise SchemaError(message)


def _log_square_bucket(field: NumericField, values: Floats) -> NDArray[np.int32]:
    # One slot for every code there is, and a last one for missing.
    slots = np.full(2 * LARGEST_CODE + 2, UNKNOWN, dtype=np.int32)
    kept = np.asarray(field.edges, dtype=np.intp)
    slots[kept + LARGEST_CODE] = np.arange(1, 1 + len(kept))
    slots[-1] = 1 + len(kept) if field.has_nulls else UNKNOWN
    codes = log_square_code(values)
    codes[np.isnan(codes)] = LARGEST_CODE + 1
    return slots.take(codes.astype(np.intp) + LARGEST_CODE)
