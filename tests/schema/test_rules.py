"""The guess for one column, rule by rule."""

import re

import pytest

from fieldwise.schema import (
    CategoricalField,
    NumericField,
    SequenceField,
    VectorField,
)
from fieldwise.schema.profile import ColumnProfile
from fieldwise.schema.rules import guess_column


def column(name="x", dtype="int", num_unique=None, **facts):
    settings = {"num_rows": 10_000, "num_nulls": 0, "examples": ("a",)} | facts
    if dtype in ("int", "uint", "float"):
        settings = {"minimum": 0, "maximum": 10_000} | settings
    return ColumnProfile(name, dtype, num_unique=num_unique, **settings)


def text(name="x", num_unique=5, share=0.0, **facts):
    return column(name, "string", num_unique, share_numeric_text=share, **facts)


@pytest.mark.parametrize(
    ("profile", "kind", "reason"),
    [
        (column(dtype="bool", num_unique=2), "categorical", "yes or no: categorical"),
        (text(), "categorical", "text with 5 distinct values: categorical"),
        # numbers as text: the border is 20 distinct values, and every one a number
        (text(num_unique=20, share=1.0), "categorical", "text with 20 distinct"),
        (
            text(num_unique=21, share=1.0),
            "numeric",
            "text, but all 21 distinct are num",
        ),
        (text(num_unique=21, share=0.99), "categorical", "text with 21 distinct"),
        (text("zip", 3000, 1.0), "categorical", "text with 3000 distinct"),
        # keys: 95 % of the rows differ, in more than 1000 rows
        (text(num_unique=9_500), "ignored", "text with 9500 distinct values in 10000"),
        (text(num_unique=9_499), "categorical", "text with 9499 distinct"),
        (text(num_unique=1000, num_rows=1000), "categorical", "text with 1000"),
        (text(num_unique=1001, num_rows=1001), "ignored", "text with 1001"),
        (text(num_unique=950, num_nulls=9_000), "ignored", "text with 950 distinct"),
        # floats
        (column(dtype="float", num_unique=3), "numeric", "decimal number with 3"),
        (
            column(dtype="float", num_unique=20, all_integral=True),
            "categorical",
            "whole number as float with only 20 distinct values",
        ),
        (
            column(dtype="float", num_unique=21, all_integral=True),
            "numeric",
            "whole number as float with 21 distinct values: numeric",
        ),
        (
            column("userId", "float", 900, all_integral=True),
            "categorical",
            "whole number as float with 900 distinct values and a name like an ident",
        ),
        (column(dtype="decimal", num_unique=3), "numeric", "decimal number with 3"),
        # integers
        (column(num_unique=50), "categorical", "integer with only 50 distinct values"),
        (column(num_unique=51), "numeric", "integer with 51 distinct values: numeric"),
        (
            column("user", num_unique=957),
            "categorical",
            "integer with 957 distinct values and a name like an identifier: cate",
        ),
        (column(num_unique=60, maximum=2**31), "numeric", "integer with 60"),
        (
            column(num_unique=60, maximum=2**31 + 1),
            "categorical",
            "integer up to 2147483649, too large to be a quantity",
        ),
        (column(num_unique=60, minimum=-(2**40)), "categorical", "up to 1099511627776"),
        (column(dtype="uint", num_unique=60, maximum=2**24), "numeric", "integer with"),
        (
            column(dtype="uint", num_unique=60, maximum=2**24 + 1),
            "categorical",
            "integer up to 16777217, too large",
        ),
        (column(num_unique=10_000, is_row_number=True), "ignored", "consecutive integ"),
        (column("item", num_unique=10_000, is_row_number=True), "ignored", "consecuti"),
        # lists
        (
            column(dtype="list[int]", min_length=0, max_length=7),
            "sequence",
            "lists of up to 7 names: sequence",
        ),
        (
            column(dtype="list[int]", min_length=64, max_length=64),
            "sequence",
            "lists of",
        ),
        (column(dtype="list[string]", min_length=1, max_length=2), "sequence", "lists"),
        (column(dtype="list[bool]", min_length=1, max_length=2), "sequence", "lists"),
        (
            column(dtype="list[float]", min_length=4, max_length=4),
            "vector",
            "lists of 4 decimal numbers each: vector",
        ),
        (
            column(dtype="array[float]", min_length=4, max_length=4),
            "vector",
            "lists of",
        ),
        (
            column(dtype="list[float]", min_length=3, max_length=4),
            "ignored",
            "lists of 3 to 4 decimal numbers: ignored",
        ),
        # nothing to learn
        (column(num_unique=0, num_nulls=10_000), "ignored", "every value is null"),
        (column(dtype="other", num_nulls=10_000), "ignored", "every value is null"),
        (
            column(num_unique=1, examples=(7,)),
            "ignored",
            "every row holds .* value, 7:",
        ),
        (column(num_unique=1, num_nulls=1), "categorical", "integer with only 1"),
        (
            column(dtype="list[int]", min_length=0, max_length=0),
            "ignored",
            "every list is empty",
        ),
        (
            column(dtype="other", native_type="Duration"),
            "ignored",
            "values of type Duration have no encoding: ignored",
        ),
        # clocks
        (
            column("timestamp", num_unique=900, minimum=978300760, maximum=1046454590),
            "time",
            "seconds since 1970: a clock orders rows; as a field it would not",
        ),
        (column("date", "date", 9), "time", "dates: a clock orders rows"),
        (
            text("time_hour", 99, examples=("2013-01-01T10:00:00Z",)),
            "ignored",
            "dates as text: a clock orders rows; .* future: ignored",
        ),
        # splits
        (text("split", 3, examples=("train", "Test")), "ignored", "says which part of"),
        (text("split", 3, examples=("train", "rest")), "categorical", "text with 3"),
        (text("split", 8, examples=("train",)), "categorical", "text with 8"),
        (text("spread", 3, examples=("train",)), "categorical", "text with 3"),
        (column("fold", num_unique=5), "categorical", "integer with only 5"),
    ],
)
def test_guess(profile, kind, reason):
    guess = guess_column(profile)

    assert (guess.field.kind if guess.field else guess.role) == kind
    assert guess.role == ("field" if guess.field else kind)
    assert guess.profile is profile
    assert re.search(reason, guess.reason), guess.reason


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (text(), CategoricalField("x")),
        (column(num_unique=99), NumericField("x")),
        (column(dtype="list[int]", max_length=3), SequenceField("x")),
        (column(dtype="array[float]", min_length=3, max_length=3), VectorField("x", 3)),
    ],
)
def test_fields_have_their_defaults(profile, field):
    assert guess_column(profile).field == field


@pytest.mark.parametrize(
    ("profile", "warning"),
    [
        (text(num_unique=9_800), "looks like a key or free text: no value repeats"),
        (column(num_unique=10_000, is_row_number=True), "looks like a row number"),
        (
            text("fold", 2, examples=("train", "test")),
            "names the split: pass split='fold' to train by it",
        ),
        (
            text("date", 9, examples=("2020-01-01",)),
            "dates kept as text: parse them to order rows by them",
        ),
        (
            column(dtype="other", native_type="Binary"),
            "cannot be a field as Binary: convert it to numbers, text or lists of them",
        ),
        (
            column(dtype="list[float]", min_length=1, max_length=2),
            "lists of floats must have one length to be a vector: pad or pool them",
        ),
        # 9950 of 10000 rows are null: 99.5 %
        (column(num_unique=40, num_nulls=9_950), "99.5% of the rows are null"),
        (
            column("user", num_unique=5_001),
            "5001 distinct values in 10000 rows: most values are too rare to learn",
        ),
        (
            text(num_unique=90, share=0.98),
            "98.0% of the texts are numbers: clean the others to make it numeric",
        ),
        (
            column(dtype="list[int]", min_length=0, max_length=101),
            "lists have up to 101 items, the last 100 are kept: set max_length",
        ),
        (
            column("sample_weight", "float", 500),
            "named like row weights: pass weight='sample_weight' if so",
        ),
        (column("weight", num_unique=30), "named like row weights"),
    ],
)
def test_warnings(profile, warning):
    (found,) = guess_column(profile).warnings

    assert found.startswith(warning)


@pytest.mark.parametrize(
    "profile",
    [
        column(num_unique=40, num_nulls=9_900),
        column("user", num_unique=5_000),
        column("user", num_unique=40, num_rows=45),
        text(num_unique=90, share=0.9),
        text("weight"),
        column(dtype="list[int]", min_length=0, max_length=100),
    ],
)
def test_no_warning_at_the_border(profile):
    assert guess_column(profile).warnings == ()
