"""Tables of any library as one kind of lazy frame, with plain words for their types."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw
from narwhals.exceptions import DuplicateError

from fieldwise.errors import SchemaError

if TYPE_CHECKING:
    from narwhals.dtypes import DType
else:
    # Runtime type checks refuse the class itself, because of how it prints in unions.
    DType = object

__all__ = [
    "DType",
    "clean_column",
    "collect",
    "distinct_values",
    "native_names",
    "open_table",
    "type_word",
]


def open_table(table: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401
    """Make a table lazy; what is in memory is read as Polars will read it later.

    Args:
        table: a Polars, pandas or Arrow table, or a lazy frame Narwhals knows.

    Returns:
        The lazy frame.

    Raises:
        SchemaError: if this is no table, or its columns cannot be told apart or read.
    """
    try:
        frame = nw.from_native(table)
        names = frame.collect_schema().names()
    except DuplicateError as error:
        counts = Counter(native_names(table))
        doubled = [name for name, count in counts.items() if count > 1]
        message = (
            f"table must have columns of different names, got {doubled} more than "
            "once. Rename or drop them."
        )
        raise SchemaError(message) from error
    except TypeError as error:
        message = (
            "table must be a Polars, pandas or Arrow table or a Polars LazyFrame, got "
            f"{type(table).__name__}. Read anything else with fieldwise.read_table."
        )
        raise SchemaError(message) from error
    unnamed = [name for name in names if not isinstance(name, str)]
    if unnamed:
        message = f"column names must be text, got {unnamed[:5]}. Rename them."
        raise SchemaError(message)
    return frame if isinstance(frame, nw.LazyFrame) else _as_lazy(frame)


def native_names(table: Any) -> list[str]:  # noqa: ANN401
    """Names of the columns of a table in memory, even if it cannot be opened.

    Args:
        table: anything.

    Returns:
        The names, some of them perhaps twice; none if this is no table.
    """
    # An Arrow table has its names apart; the columns it lists are the data.
    names = getattr(table, "column_names", None)
    return [
        str(name)
        for name in (getattr(table, "columns", ()) if names is None else names)
    ]


def distinct_values(table: Any, name: str, limit: int) -> list[Any]:  # noqa: ANN401
    """Some distinct values of one column, in no order.

    Args:
        table: a Polars, pandas or Arrow table, or a lazy frame Narwhals knows.
        name: the column.
        limit: stop after this many.

    Returns:
        At most ``limit`` values; null and NaN are none.
    """
    frame = open_table(table)
    column = clean_column(name, frame.collect_schema()[name])
    distinct = frame.select(column.alias(name)).drop_nulls().unique().head(limit)
    return list(collect(distinct)[name].to_list())


def collect(frame: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
    """Run a query, streaming where the engine can.

    Args:
        frame: the query.

    Returns:
        Its result, in memory.
    """
    if frame.implementation.is_polars():
        return frame.collect(engine="streaming")
    return frame.collect()


def clean_column(name: str, dtype: DType) -> nw.Expr:
    """A column with NaN as null, and dictionary values as text.

    Args:
        name: column name.
        dtype: its type.

    Returns:
        The expression.
    """
    column = nw.col(name)
    if dtype.is_float():
        return column.fill_nan(None)
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return column.cast(nw.String)
    return column


def type_word(dtype: DType) -> str:
    """A plain word for a type; which words there are, ``ColumnProfile`` tells.

    Args:
        dtype: type of a column.

    Returns:
        The word, ``other`` for a type no field can hold.
    """
    if isinstance(dtype, nw.List):
        return f"list[{word}]" if (word := _item_word(dtype.inner)) else "other"
    if isinstance(dtype, nw.Array) and len(dtype.shape) == 1:
        word = _item_word(dtype.inner)
        # A fixed length matters for vectors only.
        shape = "array" if word == "float" else "list"
        return f"{shape}[{word}]" if word else "other"
    return _scalar_word(dtype)


def _item_word(inner: Any) -> str | None:  # noqa: ANN401  a type or its class
    words = {"uint": "int", "decimal": "float"}
    word = _scalar_word(inner() if isinstance(inner, type) else inner)
    word = words.get(word, word)
    return word if word in ("int", "string", "bool", "float") else None


def _scalar_word(dtype: DType) -> str:
    if dtype.is_integer():
        return "uint" if dtype.is_unsigned_integer() else "int"
    if dtype.is_float():
        return "float"
    words: Mapping[type, str] = {
        nw.String: "string",
        nw.Categorical: "string",
        nw.Enum: "string",
        nw.Boolean: "bool",
        nw.Decimal: "decimal",
        nw.Date: "date",
        nw.Datetime: "datetime",
    }
    return next((words[kind] for kind in words if isinstance(dtype, kind)), "other")


def _as_lazy(frame: nw.DataFrame[Any]) -> nw.LazyFrame[Any]:
    try:
        return frame.lazy("polars")
    except Exception as error:  # of which class depends on the library and the type
        found = [_why_opaque(frame, name) for name in frame.columns]
        problems = [problem for problem in found if problem is not None]
        message = " ".join(problems) or f"table must be readable, got: {error}"
        raise SchemaError(message) from error


def _why_opaque(frame: nw.DataFrame[Any], name: str) -> str | None:
    try:
        frame.select(name).lazy("polars")
    except Exception as error:
        reason = str(error).split("\n", maxsplit=1)[0].rstrip(".")
        return (
            f"column {name!r} must hold values of one type, got {frame[name].dtype} "
            f"({reason}). Cast or drop it."
        )
    return None
