"""Profiles against counts by hand and a plain loop, for every library of tables."""

import math
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldwise.errors import SchemaError
from fieldwise.schema._tables import distinct_values, open_table
from fieldwise.schema.profile import NUMERIC_TEXT, ColumnProfile, profile_columns

LIBRARIES = {
    "polars": lambda frame: frame,
    "lazy": lambda frame: frame.lazy(),
    "arrow": lambda frame: frame.to_arrow(),
    "pandas": lambda frame: frame.to_pandas(),
    "pandas-arrow": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
}


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES)
def library(request):
    return request.param


def one(values, dtype=None, library=LIBRARIES["polars"]):
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype, strict=False)})
    (profile,) = profile_columns(library(frame))
    return profile


class TestByHand:
    def test_text(self, library):
        profile = one(["b", None, "12", "a", "b", "007"], library=library)

        # 5 of 6 present; 12 alone is a plain number: 1 / 5
        assert (profile.name, profile.dtype) == ("x", "string")
        assert (profile.num_rows, profile.num_nulls, profile.num_present) == (6, 1, 5)
        assert profile.null_share == pytest.approx(1 / 6)
        assert profile.num_unique == 4
        assert profile.examples == ("b", "12", "a")
        assert profile.share_numeric_text == 0.2
        assert profile.minimum is profile.maximum is None

    def test_integers(self, library):
        profile = one([3, -4, 3, 10], library=library)

        assert profile.dtype == "int"
        assert (profile.num_unique, profile.minimum, profile.maximum) == (3, -4, 10)
        assert profile.examples == (3, -4, 10)
        assert profile.share_numeric_text is None
        assert not profile.is_row_number

    def test_floats_take_nan_for_null(self, library):
        profile = one([1.0, math.nan, 2.5, None], library=library)

        assert profile.dtype == "float"
        assert (profile.num_nulls, profile.num_unique) == (2, 2)
        assert (profile.minimum, profile.maximum) == (1.0, 2.5)
        assert profile.examples == (1.0, 2.5)
        assert not profile.all_integral

    def test_whole_floats(self, library):
        assert one([1.0, math.nan, -3.0], library=library).all_integral

    def test_booleans(self, library):
        profile = one([True, False, True, None], library=library)

        assert (profile.dtype, profile.num_unique, profile.num_nulls) == ("bool", 2, 1)

    def test_lists(self, library):
        profile = one([[1, 2], [], None, [1, 2], [3]], library=library)

        assert (profile.dtype, profile.num_unique) == ("list[int]", None)
        assert (profile.min_length, profile.max_length) == (0, 2)
        assert profile.examples == ((1, 2), (), (3,))
        assert profile.is_list

    def test_dates(self, library):
        days = [date(2020, 1, 2), None, date(2020, 1, 1)]
        profile = one(days, library=library)

        # pandas has no dates of its own: Polars hands it points in time
        assert profile.dtype in ("date", "datetime")
        assert str(profile.minimum)[:10] == "2020-01-01"
        assert str(profile.maximum)[:10] == "2020-01-02"


@pytest.mark.parametrize(
    ("values", "dtype", "word"),
    [
        (["a"], pl.Categorical, "string"),
        (["a"], pl.Enum(["a"]), "string"),
        ([1], pl.UInt32, "uint"),
        ([1], pl.Int8, "int"),
        ([1], pl.Int128, "int"),
        ([1], pl.Float32, "float"),
        ([Decimal("1.5")], pl.Decimal(4, 1), "decimal"),
        ([datetime(2020, 1, 1)], pl.Datetime("ms", "UTC"), "datetime"),
        ([["a"]], pl.List(pl.String), "list[string]"),
        ([["a"]], pl.List(pl.Categorical), "list[string]"),
        ([[True]], pl.List(pl.Boolean), "list[bool]"),
        ([[1]], pl.List(pl.UInt8), "list[int]"),
        ([[1.0]], pl.List(pl.Float32), "list[float]"),
        ([[1.0, 2.0]], pl.Array(pl.Float32, 2), "array[float]"),
        ([[1, 2]], pl.Array(pl.Int8, 2), "list[int]"),
        ([[[1.0]]], pl.Array(pl.Float32, (1, 1)), "other"),
        ([[[1]]], pl.List(pl.List(pl.Int8)), "other"),
        ([[]], pl.List(pl.Null), "other"),
        ([{"a": 1}], pl.Struct({"a": pl.Int8}), "other"),
        ([b"a"], pl.Binary, "other"),
        ([timedelta(1)], pl.Duration, "other"),
        ([object()], pl.Object, "other"),
        ([None], pl.Null, "other"),
    ],
)
def test_words_for_types(values, dtype, word):
    profile = one(values, dtype)

    assert profile.dtype == word
    assert profile.num_rows == 1
    assert (profile.num_unique is None) == (word == "other" or profile.is_list)


def test_arrays_know_their_length_without_a_look():
    profile = one([[1.0, 2.0, 3.0], None], pl.Array(pl.Float64, 3))

    assert (profile.min_length, profile.max_length, profile.num_nulls) == (3, 3, 1)


def test_decimals_are_measured_as_floats():
    profile = one([Decimal("1.5"), Decimal("-2.5")])

    assert (profile.minimum, profile.maximum) == (-2.5, 1.5)


def test_infinity_is_no_whole_number():
    assert not one([1.0, math.inf]).all_integral


def test_integers_with_gaps_from_pandas():
    table = pd.DataFrame({"a": [1, 2, None], "b": pd.array([1, 2, None], "Int64")})

    gapped, nullable = profile_columns(table)

    assert (gapped.dtype, gapped.all_integral, gapped.num_nulls) == ("float", True, 1)
    assert (nullable.dtype, nullable.num_nulls) == ("int", 1)


def test_python_objects_in_pandas_become_what_they_are():
    table = pd.DataFrame(
        {
            "lists": [[1, 2], None],
            "arrays": [np.array([0.5]), np.array([1.5])],
            "flags": pd.Series([True, None], dtype=object),
            "codes": pd.Series([3, 4]).astype("category"),
        }
    )

    words = [profile.dtype for profile in profile_columns(table)]

    assert words == ["list[int]", "list[float]", "bool", "int"]


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        *((text, True) for text in ("0", "-3", "+5", "2.50", "1.", "1e5", "6.02E-23")),
        *((text, False) for text in ("007", "", " 1", "1 ", "0x1", "1,5", "nan", "-")),
        ("1\n", False),
    ],
)
def test_plain_numbers(text, is_plain):
    profile = one([text])

    assert profile.share_numeric_text == float(is_plain), NUMERIC_TEXT


class TestRowNumbers:
    @pytest.mark.parametrize("start", [0, 1, -7, 2**40])
    @pytest.mark.parametrize("step", [1, -1])
    def test_counting_up_or_down(self, start, step):
        assert one([start + step * i for i in range(60)]).is_row_number

    @pytest.mark.parametrize(
        "values",
        [
            [*range(58), 59, 58],
            [0, *range(59)],
            [2 * i for i in range(60)],
            [None, *range(59)],
            [float(i) for i in range(60)],
            list(range(50)),
        ],
        ids=["shuffled", "doubled", "gaps", "null", "float", "short"],
    )
    def test_anything_else(self, values):
        assert not one(values).is_row_number


values = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(width=32))


@settings(max_examples=60, deadline=None)
@given(st.lists(values, max_size=30))
def test_floats_against_a_loop(items):
    profile = one(items, pl.Float64)

    present = [x for x in items if x is not None and not math.isnan(x)]
    assert profile.num_rows == len(items)
    assert profile.num_nulls == len(items) - len(present)
    assert profile.num_unique == len(set(present))
    assert profile.minimum == min(present, default=None)
    assert profile.maximum == max(present, default=None)
    if present:
        assert profile.all_integral == all(x.is_integer() for x in present)


def test_more_columns_than_one_query_takes():
    frame = pl.DataFrame({f"c{i}": [i, i, None] for i in range(40)})

    profiles = profile_columns(frame)

    assert [profile.name for profile in profiles] == frame.columns
    assert [profile.minimum for profile in profiles] == list(range(40))


def test_every_library_tells_the_same(library):
    frame = pl.DataFrame(
        {
            "site": ["a", "b", None],
            "age": [31, 4, 31],
            "price": [1.5, 2.0, 9.0],
            "items": [["a"], [], ["b", "c"]],
        }
    )

    assert profile_columns(library(frame)) == profile_columns(frame)


@pytest.mark.parametrize("frame", [pl.DataFrame(), pl.DataFrame({"x": []})])
def test_tables_without_rows(frame):
    profiles = profile_columns(frame)

    assert len(profiles) == frame.width
    assert all(profile.num_rows == 0 for profile in profiles)
    assert all(profile.null_share == 0 for profile in profiles)


def test_profiles_are_values():
    assert one([[1], None]) == one([[1], None])
    assert hash(one([[1], None])) == hash(one([[1], None]))
    assert isinstance(one([1]), ColumnProfile)


def test_distinct_values_leave_nulls_out():
    frame = pl.DataFrame({"x": [1.0, None, math.nan, 1.0, 2.0, 3.0, 4.0]})

    assert sorted(distinct_values(frame, "x", 9)) == [1.0, 2.0, 3.0, 4.0]
    assert len(distinct_values(frame, "x", 2)) == 2


def test_opening_twice_changes_nothing():
    frame = open_table(pl.DataFrame({"x": [1]}))

    assert profile_columns(open_table(frame)) == profile_columns(frame)


class TestProblems:
    @pytest.mark.parametrize(
        "table",
        [{"a": [1]}, [{"a": 1}], "clicks.csv", np.zeros((2, 2)), pl.Series([1])],
    )
    def test_no_table(self, table):
        kind = type(table).__name__

        with pytest.raises(SchemaError, match=f"got {kind}. Read .* fieldwise.read_ta"):
            profile_columns(table)

    @pytest.mark.parametrize(
        "table",
        [
            pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]),
            pa.table([[1], [2], [3]], names=["a", "b", "a"]),
        ],
        ids=["pandas", "arrow"],
    )
    def test_doubled_columns(self, table):
        with pytest.raises(
            SchemaError, match=r"\['a'\] more than once. Rename or drop"
        ):
            profile_columns(table)

    def test_names_that_are_no_text(self):
        with pytest.raises(SchemaError, match=r"must be text, got \[0, 1\]. Rename"):
            profile_columns(pd.DataFrame([[1, 2]]))

    def test_mixed_values_are_named(self):
        table = pd.DataFrame({"good": [1, 2], "mixed": [1, "a"], "odd": [object(), 1]})

        with pytest.raises(SchemaError) as caught:
            profile_columns(table)

        message = str(caught.value)
        assert "column 'mixed' must hold values of one type, got Object" in message
        assert "column 'odd' must" in message
        assert "'good'" not in message
