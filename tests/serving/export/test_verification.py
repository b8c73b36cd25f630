"""How far a file and its ranker are apart."""

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.serving.export.verification import (
    Verification,
    check_match,
    scorer_of,
    verify,
)


def changed(ranker, change):
    """A scorer that says something else than the ranker."""
    score = scorer_of(ranker)

    def scorer(rows):
        values, logits = score(rows)
        return change(values), logits

    return scorer


def test_a_ranker_agrees_with_itself(dcnv2, rows):
    found = verify(dcnv2, scorer_of(dcnv2), rows)

    assert found == Verification(len(rows), 0.0, 0.0)


def test_largest_difference_counts_and_values_in_deviations(dcnv2, rows):
    scale = dcnv2.schema.labels[2].scale

    def change(values):
        # 0.25 in one probability, two deviations in the real label.
        if len(values) > 9:
            values[9] += np.array([0.25, 0.0, 2 * scale])
        return values

    found = verify(dcnv2, changed(dcnv2, change), rows)

    assert found.max_difference == pytest.approx(2)


def test_nan_is_no_agreement(dcnv2, rows):
    found = verify(dcnv2, changed(dcnv2, lambda values: values * np.nan), rows)

    assert found.max_difference == np.inf
    with pytest.raises(DataError, match="difference of inf"):
        check_match(found, dcnv2, rows)


def test_first_rows_are_scored_alone(dcnv2, rows):
    sizes = []

    def scorer(chunk):
        sizes.append(len(chunk))
        return scorer_of(dcnv2)(chunk)

    verify(dcnv2, scorer, rows)

    assert sizes == [0, 1, 2, len(rows) - 3]


def test_wrong_shape(dcnv2, rows):
    with pytest.raises(DataError, match=r"must give \(0, 3\) numbers, got \(0, 2\)"):
        verify(dcnv2, changed(dcnv2, lambda values: values[:, :2]), rows)


def test_refusal_tells_the_rounding_of_the_ranker(dcnv2, rows):
    found = Verification(len(rows), 1e-3, 0.0)

    with pytest.raises(
        DataError, match=r"within 1e-05, got .* 0\.001 on 240 rows"
    ) as e:
        check_match(found, dcnv2, rows)
    assert "from what it says in 64 bits" in str(e.value)
    check_match(Verification(len(rows), 1e-3, 0.0, tolerance=1e-2), dcnv2, rows)
