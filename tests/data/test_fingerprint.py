"""Equal tables have equal checksums, whatever their chunks and buffers."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from fieldwise.data import _fingerprint
from fieldwise.data._fingerprint import fingerprint_frame
from fieldwise.errors import DataError


@pytest.fixture
def table():
    return pl.DataFrame(
        {
            "int": [3, None, 5, 6],
            "wide": pl.Series([2**63 + 5, 1, None, 0], dtype=pl.Int128),
            "float": [0.5, None, float("nan"), -1.0],
            "bool": [True, None, False, True],
            "text": ["a", None, "", "long enough not to be held inside the view"],
            "bytes": [b"\xff", None, b"", b"a"],
            "category": pl.Series(["x", "y", None, "x"], dtype=pl.Categorical),
            "day": [date(2024, 1, 1), None, date(1960, 1, 1), date(2024, 1, 2)],
            "time": [datetime(2024, 1, 1), None, datetime(1960, 1, 1)] * 1 + [None],
            "wait": [timedelta(1), None, timedelta(0), timedelta(seconds=1)],
            "price": [Decimal("1.10"), None, Decimal("0"), Decimal("-2.50")],
            "list": [[1, 2], None, [], [None]],
            "words": [["a"], None, ["b", "c"], []],
            "vector": pl.Series([[1.0, 2.0]] * 4, dtype=pl.Array(pl.Float64, 2)),
            "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}, {"a": 2}],
            "nothing": [None] * 4,
        }
    )


def chunked(table, *sizes):
    start, parts = 0, []
    for size in sizes:
        parts.append(table.slice(start, size))
        start += size
    return pl.concat(parts, rechunk=False)


def test_chunks_do_not_show(table):
    first = fingerprint_frame(table.lazy())

    assert fingerprint_frame(chunked(table, 1, 2, 1).lazy()) == first
    assert fingerprint_frame(chunked(table, 0, 3, 1).lazy()) == first


def test_blocks_do_not_show_in_chunks(table, monkeypatch):
    monkeypatch.setattr(_fingerprint, "_BLOCK_ROWS", 3)
    long = pl.concat([table] * 5)
    first = fingerprint_frame(long.lazy())

    assert fingerprint_frame(chunked(long, 1, 7, 2, 10).lazy()) == first


def test_values_below_nulls_do_not_show():
    # The same column twice, once with 7 in the buffer below the null.
    hidden = pl.DataFrame({"a": [1, 7]}).select(pl.col("a").replace(7, None))
    masked = pl.DataFrame({"a": [1, 7]}).select(
        pl.when(pl.col("a") < 5).then(pl.col("a"))
    )
    plain = pl.DataFrame({"a": [1, None]})

    prints = {fingerprint_frame(frame.lazy()) for frame in (hidden, masked, plain)}

    assert len(prints) == 1


def test_every_change_of_a_value_shows(table):
    prints = {fingerprint_frame(table.lazy())}
    for name in table.columns:
        values = table[name].reverse()
        prints.add(fingerprint_frame(table.with_columns(values).lazy()))

    # Reversed, the constant columns are what they were.
    constant = {"vector", "nothing"}
    assert len(prints) == 1 + len(table.columns) - len(constant)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": ["xy", "z"]}, {"a": ["x", "yz"]}),
        ({"a": [[1], [2, 3]]}, {"a": [[1, 2], [3]]}),
        ({"a": [None, "x"]}, {"a": ["", "x"]}),
        ({"a": [0, 1]}, {"a": [None, 1]}),
        ({"a": [[None]]}, {"a": [[0]]}),
        ({"a": [1]}, {"a": [1.0]}),
        ({"a": [1], "b": [2]}, {"a": [2], "b": [1]}),
        ({"a": []}, {"b": []}),
    ],
)
def test_tables_that_are_close_but_not_equal(first, second):
    one, other = (pl.LazyFrame(table) for table in (first, second))

    assert fingerprint_frame(one) != fingerprint_frame(other)


def test_order_of_rows_shows_and_order_of_columns_does_not(table):
    first = fingerprint_frame(table.lazy())

    assert fingerprint_frame(table.select(reversed(table.columns)).lazy()) == first
    assert fingerprint_frame(table.reverse().lazy()) != first


def test_python_objects_are_refused():
    frame = pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object), "b": [1]})
    with pytest.raises(DataError, match=r"objects in the columns \['a'\]"):
        fingerprint_frame(frame.lazy())
