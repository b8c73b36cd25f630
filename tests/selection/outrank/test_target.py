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
    """Plain, as the paper's code corrects it, and with one shift for all labels."""
    num_rows = len(label)
    plain, published, corrected = entropy(field), 0.0, 0.0
    for value in set(label):
        rows = [row for row in range(num_rows) if label[row] == value]
        share = len(rows) / num_rows
        own = entropy([field[row] for row in rows])
        plain -= share * own
        other = entropy([field[(row + len(rows)) % num_rows] for row in rows])
        published += share * (other - own)
        other = entropy([field[(row + num_rows // 2) % num_rows] for row in rows])
        corrected += share * (other - own)
    return plain, published, corrected


@pytest.mark.parametrize(
    ("field", "label", "plain", "published"),
    [
        (A, M, 0.2157616, 0.0424748),
        (A, H, 0.3803957, 0.1078808),
        (H, A, None, 0.3465736),
    ],
)
def test_published_values(field, label, plain, published):
    target = Target(column(label))

    assert target.published(column(field)) == pytest.approx(published, abs=1e-7)
    if plain is not None:
        assert target.plain(column(field)) == pytest.approx(plain, abs=1e-7)


def test_one_shift_for_all_labels_by_hand():
    # Four rows further on, the field is 1 1 1 0 1 0 0 0: label 0, of rows 2 and 3,
    # meets one 1 and one 0, label 1 three of each, as if they were independent:
    # (2 ln 2 + 2 ln 2 + 4 ln 4 - 3 ln 3 - 3 ln 3) / 8.
    expected = (12 * math.log(2) - 6 * math.log(3)) / 8

    assert Target(column(M)).shifted(column(A)) == pytest.approx(expected)


@pytest.mark.parametrize("sizes", [(2, 2), (40, 2), (400, 3), (900, 700), (1, 2)])
def test_the_loop_says_the_same(sizes):
    random = np.random.default_rng(sum(sizes))
    field, label = (random.integers(0, size, 1000) for size in sizes)
    expected = loop_scores(field.tolist(), label.tolist())

    target = Target(column(label))
    found = (
        target.plain(column(field)),
        target.published(column(field)),
        target.shifted(column(field)),
    )

    assert found == pytest.approx(expected, abs=1e-11)


def test_the_names_of_values_change_nothing():
    random = np.random.default_rng(3)
    field, label = random.integers(0, 30, 500), random.integers(0, 2, 500)
    other = random.permutation(30)[field]
    target = Target(column(label))

    assert target.shifted(column(other)) == target.shifted(column(field))
    assert target.published(column(other)) == target.published(column(field))


def test_only_scores_beyond_a_reference_see_through_noise_of_many_values():
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 2000)
    noise = random.integers(0, 500, 2000)
    signal = np.where(random.random(2000) < 0.8, label, 1 - label)
    target = Target(column(label))

    # Of the paper: 0.162 and 0.006, 0.168 and 0.167 for another draw.
    assert target.plain(column(noise)) == pytest.approx(0.16, abs=0.03)
    assert target.plain(column(signal)) == pytest.approx(0.19, abs=0.03)
    for score in (target.published, target.shifted):
        assert abs(score(column(noise))) < 0.03
        assert score(column(signal)) == pytest.approx(0.19, abs=0.03)


@pytest.mark.parametrize("num_values", [2, 50, 500, 5_000, 50_000])
def test_noise_of_any_number_of_values_scores_zero(num_values):
    random = np.random.default_rng(num_values)
    label, noise = random.integers(0, 2, 2**14), random.integers(0, num_values, 2**14)

    target, field = Target(column(label)), renumber(noise, num_values)

    assert abs(target.shifted(field)) < 0.02
    assert abs(target.published(field)) < 0.02


def test_the_same_values_as_often_in_the_reference_take_noise_out():
    random = np.random.default_rng(0)
    scores = []
    for _ in range(30):
        # Of two rare labels the package reads one row in ten again.
        label = (random.random(2000) < 0.1).astype(np.intp)
        target, field = Target(column(label)), column(random.zipf(1.5, 2000) % 99)
        scores.append((target.shifted(field), target.published(field)))

    corrected, published = np.std(scores, axis=0)

    assert corrected < published / 3


def test_values_that_never_repeat_score_exactly_zero():
    label = np.random.default_rng(0).integers(0, 2, 100)

    target, rows = Target(column(label)), column(np.arange(100))

    assert target.shifted(rows) == target.published(rows) == 0.0
    assert target.beyond_chance(rows) == (0.0, 0.0)


def test_chance_is_taken_off_exactly():
    random = np.random.default_rng(0)
    label = (random.random(2**14) < 0.3).astype(np.intp)
    target = Target(column(label))
    for num_values in (50, 500, 20_000):
        scores = [
            target.beyond_chance(
                renumber(random.integers(0, num_values, 2**14), 20_000)
            )
            for _ in range(40)
        ]
        found, spreads = np.transpose(scores)
        shifts = [
            target.shifted(renumber(random.integers(0, num_values, 2**14), 20_000))
            for _ in range(40)
        ]

        assert np.abs(found.mean()) < 4 * found.std() / 40**0.5
        assert found.std() == pytest.approx(spreads.mean(), rel=0.4)
        # A reference of one shift has noise of its own.
        assert found.std() < np.std(shifts)


@pytest.mark.parametrize("label", [[0], [0, 1], [0, 0, 0]])
def test_few_rows_and_a_constant(label):
    target = Target(column(label))

    assert target.shifted(column(np.zeros(len(label)))) == 0.0
    assert target.published(column(np.zeros(len(label)))) == 0.0
    assert target.beyond_chance(column(np.zeros(len(label)))) == (0.0, 0.0)


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
        published = estimator(field, label, np.float32(1.0), True)

        assert target.plain(column(field)) == pytest.approx(plain, abs=1e-5)
        assert target.published(column(field)) == pytest.approx(published, abs=1e-5)
