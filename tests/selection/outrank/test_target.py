"""Scores against values of the authors' package, loops, and the package itself."""

import math
from collections import Counter

import numpy as np
import pytest

from fieldwise.selection.outrank.column import Column, renumber
from fieldwise.selection.outrank.target import Target

A = [1, 0, 0, 0, 1, 1, 1, 0]
M = [1, 1, 0, 0, 1, 1, 1, 1]
H = [1, 0, 0, 0, 1, 1, 1, 1]


def column(codes):
    codes = np.asarray(codes, dtype=np.intp)
    return Column(codes, int(codes.max()) + 1)


def entropy(values):
    shares = [count / len(values) for count in Counter(values).values()]
    return -math.fsum(share * math.log(share) for share in shares)


def loop_scores(field, label):
    """Plain and corrected, as the paper's code computes them."""
    num_rows = len(label)
    plain, corrected = entropy(field), 0.0
    for value in set(label):
        rows = [row for row in range(num_rows) if label[row] == value]
        share = len(rows) / num_rows
        own = entropy([field[row] for row in rows])
        other = entropy([field[(row + len(rows)) % num_rows] for row in rows])
        plain -= share * own
        corrected += share * (other - own)
    return plain, corrected


@pytest.mark.parametrize(
    ("field", "label", "plain", "corrected"),
    [
        (A, M, 0.2157616, 0.0424748),
        (A, H, 0.3803957, 0.1078808),
        (H, A, None, 0.3465736),
    ],
)
def test_published_values(field, label, plain, corrected):
    target = Target(column(label))

    assert target.corrected(column(field)) == pytest.approx(corrected, abs=1e-7)
    if plain is not None:
        assert target.plain(column(field)) == pytest.approx(plain, abs=1e-7)


@pytest.mark.parametrize("sizes", [(2, 2), (40, 2), (400, 3), (900, 700), (1, 2)])
def test_the_loop_says_the_same(sizes):
    random = np.random.default_rng(sum(sizes))
    field, label = (random.integers(0, size, 1000) for size in sizes)
    expected = loop_scores(field.tolist(), label.tolist())

    target = Target(column(label))
    found = target.plain(column(field)), target.corrected(column(field))

    assert found == pytest.approx(expected, abs=1e-11)


def test_the_names_of_values_change_nothing():
    random = np.random.default_rng(3)
    field, label = random.integers(0, 30, 500), random.integers(0, 2, 500)
    other = random.permutation(30)[field]
    target = Target(column(label))

    assert target.corrected(column(other)) == target.corrected(column(field))


def test_only_the_corrected_score_sees_through_noise_of_many_values():
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 2000)
    noise = random.integers(0, 500, 2000)
    signal = np.where(random.random(2000) < 0.8, label, 1 - label)
    target = Target(column(label))

    # Of the paper: 0.162 and 0.006, 0.168 and 0.167 for another draw.
    assert target.plain(column(noise)) == pytest.approx(0.16, abs=0.03)
    assert abs(target.corrected(column(noise))) < 0.03
    assert target.plain(column(signal)) == pytest.approx(0.19, abs=0.03)
    assert target.corrected(column(signal)) == pytest.approx(0.19, abs=0.03)


@pytest.mark.parametrize("num_values", [2, 50, 500, 5_000, 50_000])
def test_noise_of_any_number_of_values_scores_zero(num_values):
    random = np.random.default_rng(num_values)
    label, noise = random.integers(0, 2, 2**14), random.integers(0, num_values, 2**14)

    score = Target(column(label)).corrected(renumber(noise, num_values))

    assert abs(score) < 0.02


def test_values_that_never_repeat_score_exactly_zero():
    label = np.random.default_rng(0).integers(0, 2, 100)

    assert Target(column(label)).corrected(column(np.arange(100))) == 0.0


def test_the_package_says_the_same():
    estimator = pytest.importorskip(
        "outrank.algorithms.feature_ranking.ranking_mi_numba",
        reason="the package of the authors is an oracle only",
    ).mutual_info_estimator_numba
    random = np.random.default_rng(5)
    for sizes in ((2, 2), (10, 2), (300, 2), (40, 7), (800, 5)):
        field, label = (random.integers(0, n, 1000, dtype=np.int32) for n in sizes)
        target = Target(column(label))
        # There, equal sums switch the correction off.
        assert field.sum() != label.sum()
        plain = estimator(field, label, np.float32(1.0), False)
        corrected = estimator(field, label, np.float32(1.0), True)

        assert target.plain(column(field)) == pytest.approx(plain, abs=1e-5)
        assert target.corrected(column(field)) == pytest.approx(corrected, abs=1e-5)
