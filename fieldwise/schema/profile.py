"""What one look at a table tells about each of its columns.

Everything a guess needs is counted by a few queries over blocks of columns, so that a
Parquet file larger than memory streams through once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, final

import narwhals as nw

from fieldwise.schema._tables import DType, clean_column, collect, open_table, type_word

__all__ = ["ColumnProfile", "profile_columns"]

NUM_SAMPLED = 1000
"""Rows that examples and the order of row numbers are taken from."""

NUM_EXAMPLES = 3

MIN_ROWS_NUMBERED = 50
"""In a table this short, consecutive integers say nothing."""

COLUMNS_PER_QUERY = 16
"""Bounds the distinct values that are held in memory at once; columns of which almost
every row is different come one at a time, and Polars spills those beyond its budget."""

# No leading zeros: "007" is a name. No groups that capture: Pandas warns of them.
NUMERIC_TEXT = r"^[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$"

_SCALARS = ("string", "int", "uint", "float", "decimal", "bool", "date", "datetime")
_ORDERED = ("int", "uint", "float", "decimal", "date", "datetime")


@final
@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Facts about one column.

    Args:
        name: column name.
        dtype: a plain word: string, int, uint, float, decimal, bool, date, datetime,
            list[int], list[string], list[bool], list[float], array[float] or other.
        num_rows: rows of the table.
        num_nulls: rows without a value; NaN counts as none.
        native_type: what the table calls the type.
        num_unique: distinct values, null not counted; None for lists and others.
        minimum: smallest number or date.
        maximum: largest number or date.
        examples: first three distinct values of the first 1000 rows.
        share_numeric_text: for text, the share of values that are plain numbers
            without leading zeros.
        all_integral: for floats, whether every value is a whole number.
        is_row_number: whether the integers count the rows, up or down.
        min_length: for lists, the fewest items.
        max_length: for lists, the most items.
    """

    name: str
    dtype: str
    num_rows: int
    num_nulls: int
    native_type: str = ""
    num_unique: int | None = None
    minimum: int | float | date | None = None
    maximum: int | float | date | None = None
    examples: tuple[Any, ...] = ()
    share_numeric_text: float | None = None
    all_integral: bool = False
    is_row_number: bool = False
    min_length: int | None = None
    max_length: int | None = None

    @property
    def num_present(self) -> int:
        """Rows with a value."""
        return self.num_rows - self.num_nulls

    @property
    def null_share(self) -> float:
        """Share of rows without a value, in [0, 1]."""
        return self.num_nulls / self.num_rows if self.num_rows else 0.0

    @property
    def is_list(self) -> bool:
        """Whether rows hold lists."""
        return self.dtype.startswith(("list", "array"))


def profile_columns(table: Any) -> tuple[ColumnProfile, ...]:  # noqa: ANN401
    """Profile every column of a table.

    Examples:
        >>> import polars as pl
        >>> site, = profile_columns(pl.DataFrame({"site": ["a", "b", "a", None]}))
        >>> site.dtype, site.num_unique, site.num_nulls, site.examples
        ('string', 2, 1, ('a', 'b'))

    Args:
        table: a Polars, pandas or Arrow table, or a lazy frame Narwhals knows.

    Returns:
        One profile per column, in order.

    Raises:
        SchemaError: if this is no table, or its columns cannot be told apart or read.
    """
    frame = open_table(table)
    types = frame.collect_schema()
    num_rows = int(collect(frame.select(nw.len().alias("rows"))).item())
    sample = collect(frame.head(NUM_SAMPLED)).to_dict(as_series=False)
    found: dict[str, dict[str, Any]] = {}
    for block in _blocks(sample):
        queries = {
            f"{position}:{fact}": expression
            for position, name in enumerate(block)
            for fact, expression in _facts(name, types[name]).items()
        }
        expressions = [query.alias(key) for key, query in queries.items()]
        row = collect(frame.select(*expressions)).rows(named=True)[0]
        for position, name in enumerate(block):
            prefix = f"{position}:"
            found[name] = {
                key.removeprefix(prefix): value
                for key, value in row.items()
                if key.startswith(prefix)
            }
    return tuple(
        _profile(name, types[name], num_rows, found[name], sample[name])
        for name in types.names()
    )


def _blocks(sample: Mapping[str, Sequence[Any]]) -> Iterator[Sequence[str]]:
    """Columns to query together: alone where the first rows hardly repeat a value."""
    repeating = []
    for name, values in sample.items():
        if 2 * len(set(map(repr, values))) > len(values) >= MIN_ROWS_NUMBERED:
            yield [name]
        else:
            repeating.append(name)
    for start in range(0, len(repeating), COLUMNS_PER_QUERY):
        yield repeating[start : start + COLUMNS_PER_QUERY]


def _facts(name: str, dtype: DType) -> Mapping[str, nw.Expr]:
    column, word = clean_column(name, dtype), type_word(dtype)
    facts = {"num_nulls": column.null_count()}
    if word in _SCALARS:
        facts["num_unique"] = column.n_unique()
    if word in _ORDERED:
        facts |= {"minimum": column.min(), "maximum": column.max()}
    if word == "float":
        # Infinity is no whole number: its remainder is NaN.
        facts["all_integral"] = (column % 1 == 0).all()
    if word == "string":
        facts["num_numeric"] = column.str.contains(NUMERIC_TEXT).cast(nw.Int64).sum()
    if word.startswith("list") and isinstance(dtype, nw.List):
        length = column.list.len()
        facts |= {"min_length": length.min(), "max_length": length.max()}
    return facts


def _profile(
    name: str,
    dtype: DType,
    num_rows: int,
    facts: dict[str, Any],
    sample: Sequence[Any],
) -> ColumnProfile:
    facts = {
        key: float(value) if isinstance(value, Decimal) else value
        for key, value in facts.items()
    }
    num_nulls = int(facts.pop("num_nulls"))
    num_present = num_rows - num_nulls
    if "num_unique" in facts:
        facts["num_unique"] -= bool(num_nulls)
    if "num_numeric" in facts:
        numeric = facts.pop("num_numeric") or 0
        facts["share_numeric_text"] = numeric / num_present if num_present else None
    if isinstance(dtype, nw.Array):
        facts |= {"min_length": dtype.shape[0], "max_length": dtype.shape[0]}
    return ColumnProfile(
        name=name,
        dtype=type_word(dtype),
        num_rows=num_rows,
        num_nulls=num_nulls,
        native_type=str(dtype),
        examples=_examples(sample),
        is_row_number=dtype.is_integer() and _counts_rows(num_rows, facts, sample),
        **facts,
    )


def _examples(sample: Sequence[Any]) -> tuple[Any, ...]:
    distinct: dict[str, Any] = {}
    for value in sample:
        if value is None or value != value:  # noqa: PLR0124  NaN is not itself
            continue
        distinct.setdefault(repr(value), value)
        if len(distinct) == NUM_EXAMPLES:
            break
    return tuple(tuple(x) if isinstance(x, list) else x for x in distinct.values())


def _counts_rows(
    num_rows: int, facts: Mapping[str, Any], sample: Sequence[Any]
) -> bool:
    if num_rows <= MIN_ROWS_NUMBERED or facts["num_unique"] != num_rows:
        return False
    if None in sample or facts["maximum"] - facts["minimum"] + 1 != num_rows:
        return False
    steps = {after - before for before, after in pairwise(sample)}
    return steps in ({1}, {-1})
