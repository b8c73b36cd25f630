"""Tables that are in memory already, whatever library holds them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from narwhals.dependencies import is_pandas_dataframe

from fieldwise.data._polars_types import DataType
from fieldwise.errors import DataError

__all__ = ["is_one_shot", "read_frame", "widest_integer"]

_BUILD_ERRORS = (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError)
"""What Polars and Arrow raise on values that do not fit a column."""


def read_frame(source: object) -> pl.LazyFrame:
    """Take over a table in memory, without copying where its library allows it.

    Args:
        source: a Polars, pandas or Arrow table, an Arrow reader (read to its end), a
            dict of lists or a list of dicts.

    Returns:
        The table.

    Raises:
        DataError: if it is no table, or names or values cannot stand in one.
    """
    if isinstance(source, pl.LazyFrame):
        return source
    if isinstance(source, pl.DataFrame):
        return source.lazy()
    try:
        frame = _build(source)
    except DataError:
        raise
    except _BUILD_ERRORS as error:
        reason = str(error).strip().split("\n", maxsplit=1)[0].rstrip(".")
        message = (
            f"source must hold one type of values per column, got a "
            f"{type(source).__name__} with: {reason}."
        )
        raise DataError(message) from error
    return _without_wide_integers(frame).lazy()


def is_one_shot(source: object) -> bool:
    """Tell whether reading a table uses it up.

    Args:
        source: a table.

    Returns:
        Whether a second reading would find nothing.
    """
    return hasattr(source, "read_next_batch")


def widest_integer(low: int | None, high: int | None) -> DataType:
    """Choose a type of at most 64 bits that keeps integers exact.

    Args:
        low: smallest value; None where there is none.
        high: largest value; None where there is none.

    Returns:
        A signed or unsigned type, or text where neither holds both ends.
    """
    if low is None or high is None or (low >= -(2**63) and high < 2**63):
        return pl.Int64()
    return pl.UInt64() if low >= 0 and high < 2**64 else pl.String()


def _build(source: object) -> pl.DataFrame:
    if is_pandas_dataframe(source):
        _check_names(source.columns)
        return pl.from_pandas(source)
    if isinstance(source, Mapping):
        # Not strict: Python lists mix 1 and 2.5, and as text 1 and "x", as CSV does.
        named = {str(name): values for name, values in source.items()}
        return pl.DataFrame(named, strict=False)
    if isinstance(source, Sequence) and all(isinstance(r, Mapping) for r in source):
        rows: Any = source
        return pl.from_dicts(rows, infer_schema_length=None)
    if hasattr(source, "__arrow_c_stream__") or hasattr(source, "__arrow_c_array__"):
        _check_names(getattr(getattr(source, "schema", None), "names", ()))
        table: Any = source
        return pl.DataFrame(table)
    message = (
        "source must be a path, a list of paths, a Polars, pandas or Arrow table, a "
        f"dict of lists or a list of dicts, got {type(source).__name__}."
    )
    raise DataError(message)


def _check_names(names: Iterable[object]) -> None:
    doubled = [name for name, count in Counter(map(str, names)).items() if count > 1]
    if doubled:
        message = (
            f"source must name every column once, got {doubled} more than once. "
            "Rename or drop them."
        )
        raise DataError(message)


def _without_wide_integers(frame: pl.DataFrame) -> pl.DataFrame:
    """Polars holds Python integers beyond 64 bits in 128; nothing after us does."""
    wide = [name for name, dtype in frame.schema.items() if dtype == pl.Int128]
    ends = {name: (frame[name].min(), frame[name].max()) for name in wide}
    return frame.with_columns(
        pl.col(name).cast(widest_integer(*_integers(pair)))
        for name, pair in ends.items()
    )


def _integers(pair: tuple[Any, Any]) -> tuple[int | None, int | None]:
    return pair
