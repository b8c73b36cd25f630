"""The verdict on probabilities, at the borders of its rules."""

import pytest

from fieldwise.report.trust import judge_probabilities

GOOD = {
    "num_rows": 1_000_000,
    "ece": 0.001,
    "positive_rate": 0.1,
    "calibration_ratio": 1.0,
}


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "Yes"),
        ({"calibration_ratio": 1.04}, "Yes"),
        ({"calibration_ratio": 1.06}, "With care"),
        ({"calibration_ratio": 0.8}, "No"),
        ({"ece": 0.0101}, "With care"),
        ({"ece": 0.0251}, "No"),
        # One row in ten is positive: the mean of 400 rows strays by 15 %.
        ({"calibration_ratio": 1.2, "num_rows": 400}, "Yes"),
    ],
)
def test_rules(changes, answer):
    assert judge_probabilities({**GOOD, **changes}, part="test").answer == answer


def test_chance_is_held_against_nobody():
    few = {**GOOD, "ece": 0.04}

    assert judge_probabilities(few, part="test").answer == "No"
    assert judge_probabilities(few, part="test", chance=0.02).answer == "Yes"


def test_validation_rows_taught_the_calibration():
    assert "taught the calibration" in judge_probabilities(GOOD, part="valid").text
    assert "taught" not in judge_probabilities(GOOD, part="test").text


def test_no_probabilities_no_verdict():
    assert judge_probabilities({"rmse": 1.0}, part="test") is None
