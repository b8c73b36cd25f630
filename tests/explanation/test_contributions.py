"""Contributions: gaps are closed in proportion, summaries keep the sign."""

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.explanation.contributions import FieldContributions, close_gap


def contributions():
    values = np.array([[1.0, -3.0], [2.0, 1.0]])
    corrections = np.array([[0.1, -0.3], [0.0, 0.2]])
    return FieldContributions(
        names=("site", "hour"),
        values=values,
        logits=values.sum(axis=1) + 0.5,
        base=0.5,
        corrections=corrections,
        method="by hand",
        seed=3,
        data_fingerprint="abc",
    )


def test_gaps_are_closed_in_proportion():
    found = np.array([[3.0, -1.0], [0.0, 0.0]])

    # The first row lacks 4, the second -2 without anything to be in proportion to.
    np.testing.assert_allclose(
        close_gap(found, np.array([6.0, -2.0])), [[3.0, 1.0], [-1.0, -1.0]]
    )


def test_all_rows_are_summarised():
    importance = contributions().importance()

    np.testing.assert_allclose(importance.scores, [1.5, 2.0])
    np.testing.assert_allclose(importance.details["signed"], [1.5, -1.0])
    np.testing.assert_allclose(importance.details["path_error"], [0.05, 0.25])
    assert (importance.seed, importance.data_fingerprint) == (3, "abc")


def test_one_row_and_some_rows():
    found = contributions()

    np.testing.assert_allclose(found.of_row(-1).scores, [2.0, 1.0])
    np.testing.assert_allclose(found.of_row(0).details["signed"], [1.0, -3.0])
    np.testing.assert_allclose(found.slice([False, True]).importance().scores, [2, 1])
    np.testing.assert_allclose(found.path_error, [-0.2, 0.2])
    with pytest.raises(IndexError):
        found.of_row(2)


def test_nothing_has_no_summary():
    with pytest.raises(DataError, match="at least one"):
        contributions().slice([]).importance()
