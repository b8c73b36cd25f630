"""Whitened vectors: covariance, invariance, vectors that say nothing."""

import numpy as np
import pytest

from fieldwise.errors import DataError, ShapeError
from fieldwise.selection.whitening import whitened


def vectors(seed=0, num_rows=400, dim=6):
    return np.random.default_rng(seed).normal(size=(num_rows, dim)) + 0.3


def test_no_direction_is_more_common():
    mixing = np.random.default_rng(1).normal(size=(6, 6))

    unit = np.concatenate(whitened(vectors() @ mixing, vectors(2, 40) @ mixing))

    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1.0)
    # Of normal vectors, the ends on the sphere are spread evenly, too.
    np.testing.assert_allclose(unit.T @ unit / len(unit), np.eye(6) / 6, atol=0.03)


def test_an_invertible_matrix_changes_no_similarity():
    rows, targets = vectors(), vectors(2, 30)
    mixing = np.eye(6) + 0.3 * np.random.default_rng(1).normal(size=(6, 6))

    plain = whitened(rows, targets)
    mixed = whitened(rows @ mixing, targets @ mixing)

    np.testing.assert_allclose(plain[0] @ plain[1].T, mixed[0] @ mixed[1].T, atol=2e-3)


def test_a_vector_of_next_to_nothing_has_no_direction():
    rows = vectors()
    rows[5] *= 1e-6

    (unit,) = whitened(rows)

    assert unit[5].tolist() == [0.0] * 6
    assert np.linalg.norm(unit, axis=1).sum() == pytest.approx(len(rows) - 1)


def test_fewer_rows_than_numbers_do():
    (unit,) = whitened(vectors(num_rows=3))

    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1.0)


def test_vectors_that_do_not_fit_are_refused():
    with pytest.raises(ShapeError, match="one length"):
        whitened(vectors(), vectors(dim=5))
    with pytest.raises(DataError, match="finite"):
        whitened(np.full((3, 2), np.nan))
