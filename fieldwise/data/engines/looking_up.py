"""Values replaced by their indices, by joins with the vocabularies."""

from typing import Any

import narwhals as nw
import polars as pl

from fieldwise.data._polars_types import DataType
from fieldwise.data.engines.engine import Engine
from fieldwise.data.values import POLARS_TYPES
from fieldwise.data.vocabulary import UNKNOWN, Vocabulary

__all__ = ["index_column", "is_joined", "look_up"]

_KEY = "__fieldwise_key__"
_VALUE = "__fieldwise_value__"
_INDEX = "__fieldwise_index__"

_TEXTS = (pl.String, pl.Categorical, pl.Enum)


def index_column(name: str) -> str:
    """The column that holds the indices of a field.

    Args:
        name: the field.

    Returns:
        A name no raw column has.
    """
    return f"{_INDEX}{name}"


def is_joined(dtype: DataType, vocabulary: Vocabulary) -> bool:
    """Whether an engine compares the values of a column as the vocabulary does.

    Text and whole numbers are the same everywhere. The forms of other values, such as
    times and fractions, are made by Polars only.

    Args:
        dtype: type of the column.
        vocabulary: of its field.

    Returns:
        Whether ``look_up`` may be used.
    """
    if vocabulary.value_type == "int":
        return dtype.is_signed_integer() and dtype.is_integer()
    return vocabulary.value_type == "string" and dtype in _TEXTS


def look_up(
    engine: Engine, frame: nw.LazyFrame[Any], name: str, vocabulary: Vocabulary
) -> nw.LazyFrame[Any]:
    """Add the indices of a field.

    Args:
        engine: where the rows are.
        frame: has the column.
        name: the field; ``is_joined`` holds for it.
        vocabulary: of the field.

    Returns:
        The frame with ``index_column(name)``; 0 where a value is unknown.
    """
    known = vocabulary.values
    indices = pl.int_range(1, len(known) + 1, dtype=pl.Int32, eager=True)
    pairs = pl.DataFrame({_VALUE: known, _INDEX: indices})
    null = pairs.filter(pl.col(_VALUE).is_null())
    # A join never finds a null.
    null_index = null[_INDEX].item() if len(null) else UNKNOWN
    key = nw.String if POLARS_TYPES[vocabulary.value_type] == pl.String else nw.Int64
    keyed = frame.with_columns(nw.col(name).cast(key).alias(_KEY))
    joined = keyed.join(
        engine.upload(pairs.drop_nulls()), left_on=_KEY, right_on=_VALUE, how="left"
    )
    index = nw.coalesce(nw.col(_INDEX), nw.lit(UNKNOWN))
    index = nw.when(nw.col(_KEY).is_null()).then(nw.lit(null_index)).otherwise(index)
    added = joined.with_columns(index.cast(nw.Int32).alias(index_column(name)))
    return added.drop(_KEY, _INDEX)
