import numpy as np
import pytest

from fieldwise.selection.outrank.number_column import number_column
from fieldwise.selection.outrank.transforms import (
    TRANSFORMS,
    is_worth_scoring,
    transformed,
)


def test_ten_forms_by_hand():
    # e^2 - 1 and e^2 stand for what is easy to take the logarithm of.
    values = np.array([np.e**2, 0.0, -1.0, np.nan])

    forms = dict(zip(TRANSFORMS, transformed(values), strict=True))

    assert len(forms) == 10
    nan = float("nan")
    expected = {
        "sqrt({})": [np.e, 0, nan, nan],
        "sqrt(|{}|)": [np.e, 0, 1, nan],
        "log(|{}| + 1)": [np.log1p(np.e**2), 0, np.log(2), nan],
        "sign({0}) * log|{0}|": [2, nan, 0, nan],
        "log({0}) * sqrt({0})": [2 * np.e, nan, nan, nan],
        "round(100 * log1p({}))": [round(100 * np.log1p(np.e**2)), 0, nan, nan],
        "{} != 0": [1, 0, 1, nan],
        "round({0} / max({0}))": [1, 0, 0, nan],
    }
    for name, numbers in expected.items():
        assert forms[name] == pytest.approx(numbers, nan_ok=True), name


def test_a_column_of_gaps_stays_one():
    forms = transformed(np.full(3, np.nan))

    assert len(forms) == len(TRANSFORMS)
    assert np.isnan(forms).all()


@pytest.mark.parametrize(
    ("form", "is_kept"),
    [
        ([1, 1, 1, 1, 2, 2, 2, 2], True),
        ([1, 1, 1, 1, 1, 1, 1, 1], False),  # constant
        ([1, 1, 1, 1, 1, 1, 1, 2], False),  # 7 of 8 rows are alike
        ([1, np.nan, 2, np.nan, np.nan, np.nan, np.nan, np.nan], False),
        ([1, 2, 3, 4, 5, 6, 7, 8], False),  # as the number itself
    ],
)
def test_what_is_dropped(form, is_kept):
    original = number_column(np.arange(8.0), "values")
    form = np.array(form, dtype=float)

    assert is_worth_scoring(form, number_column(form, "values"), original) is is_kept
