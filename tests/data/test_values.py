"""Values meet where they are the same value, and only there."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import polars as pl
import pytest

from fieldwise.data.values import POLARS_TYPES, canonical, is_missing, value_type_of


def cast(values, value_type, dtype=None):
    column = pl.Series("raw", values, dtype=dtype, strict=False)
    expression = canonical(pl.col("raw"), column.dtype, value_type)
    found = column.to_frame().select(expression).to_series()
    assert found.dtype == POLARS_TYPES[value_type]
    return found.to_list()


@pytest.mark.parametrize(
    ("raw", "dtype"),
    [
        (12, pl.Int64),
        (12, pl.Int8),
        (12, pl.Int16),
        (12, pl.UInt8),
        (12, pl.UInt64),
        (12, pl.Int128),
        (12.0, pl.Float64),
        (12.0, pl.Float32),
        (Decimal("12.00"), pl.Decimal(10, 2)),
        (Decimal(12), pl.Decimal(10, 0)),
        ("12", pl.String),
        ("12", pl.Categorical),
        ("12", pl.Enum(["7", "12"])),
    ],
)
@pytest.mark.parametrize(
    ("value_type", "expected"),
    [("string", "12"), ("int", 12), ("uint", 12), ("float", 12.0)],
)
def test_twelve_is_twelve(raw, dtype, value_type, expected):
    assert cast([raw, None], value_type, dtype) == [expected, None]


@pytest.mark.parametrize("dtype", [pl.Float64, pl.Float32, pl.String, pl.Decimal(8, 3)])
@pytest.mark.parametrize("value_type", ["int", "uint"])
def test_a_fraction_never_meets_a_whole_number(dtype, value_type):
    raw = pl.Series(["12.7", "0.5", "12.001"]).cast(dtype)
    assert cast(raw, value_type, dtype) == [None, None, None]


def test_text_of_a_whole_number_may_have_a_point():
    assert cast(["12.0", "12.000", "-3.0", "12.", ".0"], "int") == [
        12,
        12,
        -3,
        None,
        None,
    ]


@pytest.mark.parametrize("value_type", ["int", "uint", "float", "bool"])
@pytest.mark.parametrize("raw", ["abc", "", " 12", "0x10", "12 000", "nan"])
def test_other_text_cannot_be_cast(raw, value_type):
    assert cast([raw], value_type) == [None]


@pytest.mark.parametrize(
    ("raw", "value_type"),
    [
        ([2**31 + 1, 2**31], "int"),
        ([2**53 + 1, 2**53], "int"),
        ([-(2**63), 2**63 - 1], "int"),
        ([2**63 + 5, 2**64 - 1], "uint"),
    ],
)
def test_large_integers_stay_apart_as_numbers_and_as_text(raw, value_type):
    column = pl.Series(raw, dtype=POLARS_TYPES[value_type])

    assert cast(column, value_type, column.dtype) == raw
    assert cast([str(value) for value in raw], value_type) == raw
    assert cast([f"{value}.0" for value in raw], value_type) == raw
    assert cast(column, "string", column.dtype) == [str(value) for value in raw]


def test_large_decimals_do_not_pass_through_floats():
    raw = [Decimal(2**53 + 1), Decimal(2**53)]
    assert cast(raw, "int", pl.Decimal(38, 2)) == [2**53 + 1, 2**53]


@pytest.mark.parametrize("raw", [2.0**63, -(2.0**64), 1e300, float("inf")])
def test_floats_beyond_64_bits_are_no_integer(raw):
    assert cast([raw], "int") == [None]


def test_signs_that_a_type_does_not_have_cannot_be_cast():
    assert cast([-1, 5], "uint", pl.Int16) == [None, 5]
    assert cast([2**63 + 5, 5], "int", pl.UInt64) == [None, 5]


@pytest.mark.parametrize("value_type", ["string", "int", "uint", "float", "bool"])
@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64])
def test_nan_is_null(value_type, dtype):
    assert cast([float("nan"), None, 1.0], value_type, dtype)[:2] == [None, None]


def test_floats_as_text():
    # Whole ones read as integers, also -0.0, others as the shortest text.
    raw = [12.0, -0.0, 0.1, 12.7, 1e18, float("inf")]
    expected = ["12", "0", "0.1", "12.7", "1000000000000000000", "inf"]
    assert cast(raw, "string") == expected


def test_narrow_floats_meet_wide_ones():
    assert cast([0.1, 3.0, 16.5], "float", pl.Float32) == [0.1, 3.0, 16.5]
    assert cast([0.1], "string", pl.Float32) == ["0.1"]


def test_decimals_as_text_lose_their_zeros():
    raw = [Decimal("12.50"), Decimal("100.00"), Decimal("0.00"), Decimal("-0.25")]
    assert cast(raw, "string", pl.Decimal(10, 2)) == ["12.5", "100", "0", "-0.25"]
    assert cast([Decimal(100), Decimal(0)], "string", pl.Decimal(5, 0)) == ["100", "0"]


@pytest.mark.parametrize(
    ("raw", "dtype", "expected"),
    [
        ([True, False, None], pl.Boolean, [True, False, None]),
        ([1, 0, 2], pl.Int8, [True, False, None]),
        ([1.0, 0.0, 0.5], pl.Float64, [True, False, None]),
        (["true", "False", "TRUE", "yes"], pl.String, [True, False, True, None]),
        (["1", "0", ""], pl.String, [True, False, None]),
        (["true", "0"], pl.Categorical, [True, False]),
    ],
)
def test_booleans_from_anything(raw, dtype, expected):
    assert cast(raw, "bool", dtype) == expected


def test_booleans_as_other_types():
    assert cast([True, False], "string") == ["true", "false"]
    assert cast([True, False], "int") == [1, 0]
    assert cast([True, False], "uint") == [1, 0]
    assert cast([True, False], "float") == [1.0, 0.0]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_moments_are_the_same_text_in_any_unit(unit):
    raw = [datetime(2024, 5, 1, 9, 30), datetime(2024, 5, 1, 9, 30, 0, 250_000), None]
    assert cast(raw, "string", pl.Datetime(unit)) == [
        "2024-05-01 09:30:00",
        "2024-05-01 09:30:00.250",
        None,
    ]


def test_dates_meet_their_midnight_and_their_text():
    expected = ["2024-05-01", "1969-12-31"]
    assert cast([date(2024, 5, 1), date(1969, 12, 31)], "string") == expected
    midnights = [datetime(2024, 5, 1), datetime(1969, 12, 31)]
    assert cast(midnights, "string") == expected
    assert cast([time(9, 30)], "string") == ["09:30:00"]


def test_time_zones_do_not_matter():
    noon = pl.Series([datetime(2024, 5, 1, 12, tzinfo=UTC)])
    berlin = noon.dt.convert_time_zone("Europe/Berlin")
    assert cast(noon, "string", noon.dtype) == ["2024-05-01 12:00:00"]
    assert cast(berlin, "string", berlin.dtype) == ["2024-05-01 12:00:00"]


def test_dates_are_no_integers():
    assert cast([date(1970, 1, 13)], "int") == [None]


@pytest.mark.parametrize("value_type", ["string", "int", "uint", "float", "bool"])
def test_a_column_of_nulls(value_type):
    assert cast([None, None], value_type, pl.Null) == [None, None]
    assert cast([], value_type, pl.Null) == []


@pytest.mark.parametrize(
    ("dtype", "all_integral", "expected"),
    [
        (pl.String(), False, "string"),
        (pl.Categorical(), False, "string"),
        (pl.Date(), False, "string"),
        (pl.Null(), False, "string"),
        (pl.Boolean(), False, "bool"),
        (pl.Int8(), False, "int"),
        (pl.UInt8(), False, "uint"),
        (pl.Float32(), True, "int"),
        (pl.Float64(), False, "float"),
        (pl.Decimal(10, 2), True, "int"),
        (pl.Decimal(10, 2), False, "float"),
        # Whole numbers of more than 64 bits: text keeps them apart, a float does not.
        (pl.Decimal(38, 0), False, "string"),
        (pl.Int128(), False, "string"),
        (pl.Int128(), True, "int"),
    ],
)
def test_type_of_a_column(dtype, all_integral, expected):
    assert value_type_of(dtype, all_integral=all_integral) == expected


def test_missing_is_null_or_nan_and_nothing_else():
    frame = pl.DataFrame({"x": [1.0, float("nan"), None], "y": ["", None, "NaN"]})
    x = frame.select(is_missing(pl.col("x"), frame.schema["x"])).to_series()
    y = frame.select(is_missing(pl.col("y"), frame.schema["y"])).to_series()
    assert x.to_list() == [False, True, True]
    assert y.to_list() == [False, True, False]
