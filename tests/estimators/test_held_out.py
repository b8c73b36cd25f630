"""Held-out rows, of each class its share."""

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.estimators.held_out import stratified_hold_out


@pytest.mark.parametrize("seed", range(5))
def test_each_class_gives_its_share(seed):
    classes = np.random.default_rng(seed).permutation(
        np.repeat([0, 1, 2], [70, 20, 10])
    )

    held_out = stratified_hold_out(classes, share=0.2, seed=seed)

    # A fifth of 70, 20 and 10, give or take one where the spacing falls between two.
    assert held_out.sum() == 20
    assert np.abs(np.bincount(classes[held_out]) - [14, 4, 2]).max() <= 1


def test_a_seed_repeats_and_another_chooses_others():
    classes = np.repeat([0, 1], 50)

    first, again, other = (
        stratified_hold_out(classes, share=0.1, seed=seed) for seed in (3, 3, 4)
    )

    assert first.tolist() == again.tolist() != other.tolist()


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_one_row_of_each_class_is_always_learned_from(share):
    classes = np.array([0] * 20 + [1, 2])

    held_out = stratified_hold_out(classes, share=share, seed=0)

    assert 1 <= held_out.sum() <= 19
    assert set(classes[~held_out]) == {0, 1, 2}


def test_no_row_to_spare():
    with pytest.raises(DataError, match="more rows than classes, got 2 rows"):
        stratified_hold_out(np.array([0, 1]), share=0.5, seed=0)
