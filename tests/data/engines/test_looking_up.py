"""Joins find the indices that a vocabulary finds."""

import narwhals as nw
import polars as pl
import pytest

from fieldwise.data.engines.engine import ROW, collect
from fieldwise.data.engines.looking_up import index_column, is_joined, look_up
from fieldwise.data.vocabulary import Vocabulary


def make_vocabulary(values, value_type):
    counts = [len(values) - place for place in range(len(values))]
    series = pl.Series(values, dtype=pl.String if value_type == "string" else pl.Int64)
    return Vocabulary(series, pl.Series(counts, dtype=pl.Int64), value_type)


@pytest.mark.parametrize(
    ("known", "value_type", "raw", "dtype"),
    [
        (["b", "é", None], "string", ["é", None, "B", "b", ""], pl.String),
        (["b", "a"], "string", ["a", None, "b"], pl.Categorical),
        ([], "string", ["a", None], pl.String),
        ([2**53 + 1, None, -1], "int", [2**53, 2**53 + 1, -1, None, 0], pl.Int64),
        ([5, 300], "int", [5, None, 44], pl.Int8),
    ],
)
def test_same_as_the_vocabulary(make_polars, known, value_type, raw, dtype):
    column = pl.Series("x", raw, dtype=dtype)
    engine = make_polars(column.to_frame())
    vocabulary = make_vocabulary(known, value_type)

    found = collect(look_up(engine, engine.table, "x", vocabulary)).sort(ROW)

    assert is_joined(dtype(), vocabulary)
    assert found[index_column("x")].to_list() == vocabulary.encode(column).tolist()
    assert found[index_column("x")].dtype == pl.Int32
    assert found["x"].equals(column)


@pytest.mark.parametrize(
    ("dtype", "value_type"),
    [
        (pl.Date(), "string"),
        (pl.Datetime("us"), "string"),
        (pl.Float64(), "int"),
        (pl.Decimal(9, 2), "int"),
        (pl.Boolean(), "string"),
    ],
)
def test_values_with_forms_of_their_own_are_not_joined(dtype, value_type):
    assert not is_joined(dtype, make_vocabulary([], value_type))


def test_names_do_not_meet(make_polars):
    # Columns of the table that are called like those of the join.
    table = pl.DataFrame({"value": ["a"], "index": ["b"], "count": ["c"]})
    engine = make_polars(table)

    frame = engine.table
    for name in table.columns:
        frame = look_up(engine, frame, name, make_vocabulary(["c", "b"], "string"))

    added = nw.col(*map(index_column, table.columns))
    assert collect(frame.select(added)).rows() == [(0, 2, 1)]
