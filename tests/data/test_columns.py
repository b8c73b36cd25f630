"""Columns of every type as arrays, against loops over Python lists."""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from fieldwise.data.columns import (
    check_columns,
    item_type,
    list_items,
    list_lengths,
    list_sizes,
    read_numbers,
    read_vectors,
    role_columns,
)
from fieldwise.errors import SchemaError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

SCHEMA = Schema(
    (
        CategoricalField("site"),
        NumericField("age"),
        SequenceField("tags"),
        VectorField("text"),
    ),
    (Label("click"), Label("price", "real")),
    weight="weight",
    group="query",
)
TYPES = {
    "site": pl.String,
    "age": pl.Int64,
    "tags": pl.List(pl.String),
    "text": pl.Array(pl.Float32, 3),
    "click": pl.Boolean,
    "price": pl.Float64,
    "weight": pl.Float32,
    "query": pl.Int64,
}
NESTED = [
    pl.List(pl.Int64),
    pl.Array(pl.Int64, 2),
    pl.Struct({"a": pl.Int64}),
    pl.Object,
]


def check(*, labelled=True, drop=(), **types):
    wanted = {name: kind for name, kind in (TYPES | types).items() if name not in drop}
    types = pl.DataFrame(schema=wanted).schema
    check_columns(SCHEMA, types, labelled=labelled)


def test_a_fitting_table_passes():
    check(extra=pl.Object)
    check(labelled=False, drop=("click", "price", "weight", "query"))


def test_role_columns_are_named_once():
    assert role_columns(SCHEMA) == ["click", "price", "weight", "query"]
    assert role_columns(Schema((CategoricalField("site"),))) == []


def test_all_missing_columns_and_their_neighbours_are_named_at_once():
    with pytest.raises(SchemaError) as caught:
        check(drop=("site", "age", "click"), Site=pl.String, zzz=pl.Int8)
    message = str(caught.value)
    assert "column 'site' is missing (did you mean 'Site'?)." in message
    assert "column 'age' is missing" in message
    assert "column 'click' is missing" in message
    assert "The table has the columns ['tags', 'text'," in message


def test_missing_and_unreadable_columns_are_named_at_once():
    with pytest.raises(SchemaError, match=r"'age' is missing.*'tags' must be readable"):
        check(drop=("age",), tags=pl.Int64)


def test_labels_are_not_needed_for_prediction():
    with pytest.raises(SchemaError, match="'click' is missing"):
        check(drop=("click",))
    check(labelled=False, drop=("click",))


def test_hundreds_of_missing_columns_are_listed_quickly():
    schema = Schema(tuple(CategoricalField(f"field_{i}") for i in range(2000)))
    types = pl.Schema({f"column_{i}": pl.Int8() for i in range(2000)})
    with pytest.raises(SchemaError, match="'field_1999'"):
        check_columns(schema, types, labelled=False)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *(("site", dtype) for dtype in [*NESTED, pl.Binary, pl.Duration]),
        *(("age", dtype) for dtype in [*NESTED, pl.Binary, pl.Date, pl.Datetime]),
        *(
            ("tags", dtype)
            for dtype in [pl.String, pl.Int64, pl.List(pl.List(pl.Int8))]
        ),
        ("tags", pl.List(pl.Struct({"a": pl.Int8}))),
        ("tags", pl.List(pl.Binary)),
        *(("text", dtype) for dtype in [pl.Float32, pl.List(pl.String)]),
        ("text", pl.Array(pl.Float32, (2, 3))),
    ],
)
def test_fields_of_an_impossible_type(name, dtype):
    with pytest.raises(SchemaError, match=f"column '{name}' must be readable as a"):
        check(**{name: dtype}, labelled=False)


@pytest.mark.parametrize("name", ["click", "price", "weight", "query"])
@pytest.mark.parametrize("dtype", NESTED)
def test_roles_of_an_impossible_type(name, dtype):
    with pytest.raises(
        SchemaError, match=f"column '{name}' must be readable as a label"
    ):
        check(**{name: dtype})
    check(**{name: dtype}, labelled=False)


@pytest.mark.parametrize("name", ["price", "weight"])
def test_dates_are_no_weights_and_no_real_labels(name):
    with pytest.raises(SchemaError, match=f"column '{name}' must be readable"):
        check(**{name: pl.Date})
    check(click=pl.Date, query=pl.Date)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *(("site", dtype) for dtype in [pl.Int8, pl.Float64, pl.Boolean, pl.Date]),
        *(("site", dtype) for dtype in [pl.Categorical, pl.Enum(["a"]), pl.Null]),
        *(
            ("age", dtype)
            for dtype in [pl.String, pl.Boolean, pl.Decimal(9, 2), pl.Null]
        ),
        ("tags", pl.Array(pl.Int64, 4)),
        ("tags", pl.Null),
        ("text", pl.List(pl.Int64)),
        ("text", pl.List(pl.Null)),
        ("text", pl.Null),
    ],
)
def test_usable_types(name, dtype):
    check(**{name: dtype}, labelled=False)


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([1, None, -3], pl.Int16, [1, np.nan, -3]),
        ([2**63 + 5], pl.UInt64, [2.0**63]),
        ([0.5, None, float("nan")], pl.Float64, [0.5, np.nan, np.nan]),
        ([0.5], pl.Float32, [0.5]),
        ([float("inf"), -1e300], pl.Float64, [np.inf, -1e300]),
        ([True, False, None], pl.Boolean, [1, 0, np.nan]),
        ([Decimal("1.25"), None], pl.Decimal(9, 2), [1.25, np.nan]),
        (["1", "-2.5", None, "1e3", "nan", "inf"], pl.String, None),
        (["10", "2", None], pl.Categorical, [10, 2, np.nan]),
        (["10", "2"], pl.Enum(["2", "10"]), [10, 2]),
        ([None, None], pl.Null, [np.nan, np.nan]),
        ([], pl.Int64, []),
    ],
)
def test_numbers_of_any_type(values, dtype, expected):
    expected = expected or [float(x) if x else np.nan for x in values]
    numbers = read_numbers(pl.Series("age", values, dtype=dtype))
    assert numbers.dtype == np.float64
    np.testing.assert_array_equal(numbers, expected)


def test_numbers_may_be_changed_without_changing_the_table():
    column = pl.Series("age", [1.0, 2.0])
    read_numbers(column)[0] = 9
    assert column.to_list() == [1, 2]


@pytest.mark.parametrize("dtype", [pl.String, pl.Categorical])
def test_text_that_is_no_number(dtype):
    column = pl.Series("age", ["1", "old", None, ""], dtype=dtype)
    with pytest.raises(SchemaError, match=r"column 'age' .* got 'old' and 1 more"):
        read_numbers(column)


LISTS = [
    [[1, 2, 3], [], None, [4], [None], [5, None, 6, 7], []],
    [None, None],
    [[], []],
    [],
]


def last_items(lists, max_length):
    """Items of each list: the last ones; one null where there is none."""
    return [(row or [None])[-max_length:] for row in lists]


@pytest.mark.parametrize("lists", LISTS, ids=["mixed", "null", "empty", "no rows"])
@pytest.mark.parametrize("max_length", [1, 2, 100])
@pytest.mark.parametrize("engine", ["streaming", "in-memory"])
@pytest.mark.parametrize("inner", [pl.Int64, pl.String, pl.Categorical, pl.Float32])
def test_list_items_same_as_a_loop(lists, max_length, engine, inner):
    column = pl.Series("raw", lists, dtype=pl.List(pl.Int64))
    if inner == pl.Categorical:
        column = column.cast(pl.List(pl.String))
    column = column.cast(pl.List(inner))
    field = SequenceField("tags", max_length=max_length)
    expected = last_items(column.to_list(), max_length)

    items = list_items(column.to_frame().lazy(), field).collect(engine=engine)["raw"]
    lengths = list_lengths(column, field)

    assert items.dtype == item_type(column.dtype) == inner
    assert items.to_list() == [item for row in expected for item in row]
    assert lengths.tolist() == [len(row) for row in expected]
    assert lengths.dtype == np.int64


@pytest.mark.parametrize("width", [0, 1, 3])
@pytest.mark.parametrize("max_length", [1, 2, 100])
def test_items_of_arrays(width, max_length):
    rows = [list(range(width)), None, [None] * width]
    column = pl.Series("raw", rows, dtype=pl.Array(pl.Int64, width))
    field = SequenceField("tags", max_length=max_length)
    expected = last_items(rows, max_length)

    items = list_items(column.to_frame().lazy(), field).collect()["raw"]

    assert items.to_list() == [item for row in expected for item in row]
    assert list_lengths(column, field).tolist() == [len(row) for row in expected]


@pytest.mark.parametrize("dtype", [pl.Null, pl.List(pl.Null)])
def test_items_of_a_column_of_nulls(dtype):
    column = pl.Series("raw", [None, None], dtype=dtype)
    field = SequenceField("tags")
    items = list_items(column.to_frame().lazy(), field).collect()["raw"]
    assert items.to_list() == [None, None]
    assert list_lengths(column, field).tolist() == [1, 1]
    assert item_type(column.dtype) == pl.Null


def test_items_of_a_part_of_a_column():
    column = pl.Series("raw", LISTS[0]).slice(2, 4)
    field = SequenceField("tags", max_length=3)
    items = list_items(column.to_frame().lazy(), field).collect()["raw"]
    assert items.to_list() == [None, 4, None, None, 6, 7]
    assert list_lengths(column, field).tolist() == [1, 1, 1, 3]


def test_list_sizes_are_not_clipped():
    frame = pl.DataFrame({"a": [[1, 2], [], None]})
    found = frame.select(list_sizes(pl.col("a"), frame.schema["a"]))
    assert found["a"].to_list() == [2, 0, None]


@pytest.mark.parametrize("outer", ["list", "array"])
@pytest.mark.parametrize("inner", [pl.Float32, pl.Float64, pl.Int16, pl.Decimal(9, 2)])
def test_vectors_same_as_a_loop(outer, inner):
    rows = [[1, 2, 3], None, [4, None, 6], [-7, 8, 9]]
    dtype = pl.List(inner) if outer == "list" else pl.Array(inner, 3)
    column = pl.Series("text", rows, dtype=pl.List(pl.Int16)).cast(dtype)

    matrix = read_vectors(column, 3)

    assert matrix.dtype == np.float32
    expected = [[np.nan if x is None else x for x in row or [None] * 3] for row in rows]
    np.testing.assert_array_equal(matrix, expected)
    np.testing.assert_array_equal(read_vectors(column.slice(1, 2), 3), expected[1:3])


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("text", [None, None], dtype=pl.Null),
        pl.Series("text", [None, None], dtype=pl.List(pl.Float32)),
        pl.Series("text", [None, None], dtype=pl.Array(pl.Float64, 3)),
        pl.Series("text", [[None] * 3] * 2, dtype=pl.List(pl.Null)),
        pl.Series("text", [[float("nan"), float("inf"), 1e300]] * 2),
    ],
)
def test_vectors_without_a_number_are_nan(column):
    matrix = read_vectors(column, 3)
    assert matrix.shape == (2, 3)
    assert np.isnan(matrix).all()


def test_no_vectors():
    assert read_vectors(pl.Series("text", [], dtype=pl.List(pl.Int8)), 3).shape == (
        0,
        3,
    )


@pytest.mark.parametrize("row", [[1.0, 2.0], [], [1.0] * 4])
def test_vectors_of_another_length(row):
    column = pl.Series(
        "text", [[1.0, 2.0, 3.0], row, None, row], dtype=pl.List(pl.Float64)
    )
    wanted = f"column 'text' must hold lists of length 3, got 2 .* example {len(row)}"
    with pytest.raises(SchemaError, match=wanted):
        read_vectors(column, 3)


def test_arrays_of_another_length():
    column = pl.Series("text", [[1.0, 2.0]], dtype=pl.Array(pl.Float64, 2))
    with pytest.raises(SchemaError, match="lists of length 3"):
        read_vectors(column, 3)


def test_dates_are_no_numbers():
    with pytest.raises(
        SchemaError, match=r"'age' must be readable as a numeric .* Date"
    ):
        check_columns(
            SCHEMA,
            pl.Series("age", [date(2024, 1, 1)]).to_frame().schema,
            labelled=False,
        )
