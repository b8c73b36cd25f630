"""Single Python values have the form their column would give them, or none here."""

import datetime
import decimal

import numpy as np
import polars as pl
import pytest

from fieldwise.data.plain_values import PLAIN_FORMS, Verdict, is_wide
from fieldwise.data.values import POLARS_TYPES, canonical, is_missing

VALUES = [
    *(0, 1, -1, 7, 2**53 + 1, 2**63 - 1, -(2**63)),
    *(0.0, -0.0, 1.0, 12.0, -3.0, 0.5, 1e18, 2.0**63, 2.0**64, -(2.0**63), 1e300),
    *(float("nan"), float("inf"), float("-inf"), 5e-324, 0.1, 1e-7),
    *(True, False),
    *(
        "a",
        "",
        "abc",
        " ",
        "12",
        "-12",
        "007",
        "-0",
        "+5",
        " 5",
        "5.0",
        "1e3",
        "nan",
        "inf",
    ),
    *(
        "true",
        "True",
        "TRUE",
        "1",
        "0",
        "FALSE",
        "yes",
        "é",
        "\u0661",
        "9" * 18,
        "9" * 19,
    ),
]


@pytest.mark.parametrize("value_type", PLAIN_FORMS)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_what_its_column_makes_of_it(value_type, value):
    form = PLAIN_FORMS[value_type].get(type(value))
    found = Verdict.UNSURE if form is None else form(value)

    column = pl.Series("raw", [value])
    raw = pl.col("raw")
    wanted, missing = (
        column.to_frame()
        .select(
            form=canonical(raw, column.dtype, value_type),
            missing=is_missing(raw, column.dtype),
        )
        .row(0)
    )
    if found is not Verdict.UNSURE:
        unseen = Verdict.MISSING if missing else Verdict.UNSEEN
        assert found == (unseen if wanted is None else wanted)
        if not isinstance(found, Verdict):
            assert type(found) is POLARS_TYPES[value_type].to_python()


def test_values_by_hand():
    assert PLAIN_FORMS["string"][float](12.0) == "12"
    assert PLAIN_FORMS["string"][bool](True) == "true"
    assert PLAIN_FORMS["int"][str]("-12") == -12
    assert PLAIN_FORMS["int"][float](12.5) is Verdict.UNSEEN
    assert PLAIN_FORMS["int"][float](float("nan")) is Verdict.MISSING
    assert PLAIN_FORMS["uint"][int](-1) is Verdict.UNSEEN
    assert PLAIN_FORMS["bool"][str]("TRUE") is True


@pytest.mark.parametrize("text", ["", "abc", "inf", " "])
def test_text_without_a_digit_is_no_integer(text):
    assert PLAIN_FORMS["int"][str](text) is Verdict.UNSEEN
    assert PLAIN_FORMS["uint"][str](text) is Verdict.UNSEEN


@pytest.mark.parametrize("value_type", PLAIN_FORMS)
def test_the_usual_types_are_sure(value_type):
    own = POLARS_TYPES[value_type].to_python()

    assert {own, int, float, bool} <= set(PLAIN_FORMS[value_type])


@pytest.mark.parametrize(
    "value",
    [
        np.float64(1.5),
        np.int64(1),
        np.str_("a"),
        decimal.Decimal(1),
        datetime.date(2020, 1, 1),
        b"a",
        [1],
        None,
    ],
    ids=repr,
)
def test_other_types_are_left_to_a_frame(value):
    assert all(type(value) not in forms for forms in PLAIN_FORMS.values())


@pytest.mark.parametrize("text", ["5.0", "-", "+5", " 5", "1_000", "9" * 19, "\u0661"])
def test_text_that_python_might_read_another_way_is_unsure(text):
    assert PLAIN_FORMS["int"][str](text) is Verdict.UNSURE


@pytest.mark.parametrize("value_type", PLAIN_FORMS)
@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 2**64, 2**70])
def test_wide_integers_are_unsure(value_type, value):
    assert is_wide(value)
    assert PLAIN_FORMS[value_type][int](value) is Verdict.UNSURE


def test_integers_of_64_bits_are_not_wide():
    assert not any(map(is_wide, (0, 2**63 - 1, -(2**63))))
