"""Known information, the loop behind the bins, and redundant columns."""

import numpy as np
import pytest
from scipy.stats import rankdata

from fieldwise.selection.mi_screening import (
    class_information,
    linfoot,
    mutual_information,
    rank_by_mi_screening,
    representatives,
)
from tests.selection.planted import ranking_data

GAUSSIAN = 0.223144
"""Information of two normal numbers of correlation .6: ``-ln(1 - .36) / 2``."""


def gaussian_pair(num_rows=20_000, correlation=0.6):
    random = np.random.default_rng(0)
    x, noise = random.normal(size=(2, num_rows))
    return x, correlation * x + np.sqrt(1 - correlation**2) * noise


def class_information_by_loops(numbers, classes):
    """Try every number of bins on ranks, cell by cell."""
    num_rows, kinds = len(numbers), sorted(set(classes))
    ranks = rankdata(numbers, method="min") - 1
    best, information = -np.inf, 0.0
    for num_bins in range(2, 100):
        bins = [int(rank * num_bins // num_rows) for rank in ranks]
        counts = {}
        for cell in zip(bins, classes, strict=True):
            counts[cell] = counts.get(cell, 0) + 1
        fit = sum(n * np.log(n) for n in counts.values()) + num_rows * np.log(num_bins)
        worth = fit - (num_bins - 1 + np.log(num_bins) ** 2.5)
        if worth > best:
            best, information = worth, -(num_bins - 1) / (2 * num_rows)
            for (place, kind), n in counts.items():
                in_bin = sum(counts.get((place, other), 0) for other in kinds)
                of_kind = sum(c for (_, other), c in counts.items() if other == kind)
                share = n / num_rows
                information += share * np.log(share * num_rows**2 / (in_bin * of_kind))
    return information


def test_linfoot_of_a_gaussian_is_its_correlation():
    assert linfoot(np.array([GAUSSIAN]))[0] == pytest.approx(0.6, abs=1e-6)


def test_density_finds_what_a_gaussian_says():
    assert mutual_information(*gaussian_pair()) == pytest.approx(GAUSSIAN, rel=0.1)


def test_information_does_not_see_monotone_changes():
    x, y = gaussian_pair(2000)

    assert mutual_information(np.exp(3 * x), -(y**3)) == mutual_information(x, -y)
    assert mutual_information(x, y) == pytest.approx(mutual_information(x, -y))


def test_a_square_says_much_without_any_correlation():
    random = np.random.default_rng(0)
    x = random.normal(size=2000)
    squares = x**2 + 0.1 * random.normal(size=2000)
    permuted = [mutual_information(x, random.permutation(squares)) for _ in range(9)]

    assert abs(np.corrcoef(x, squares)[0, 1]) < 0.1
    assert mutual_information(x, squares) > 10 * max(permuted)


@pytest.mark.parametrize("digits", [8, 1, 0])
def test_bins_equal_a_loop_with_and_without_ties(digits):
    random = np.random.default_rng(1)
    classes = random.integers(0, 2, 300)
    numbers = (random.normal(size=300) + classes).round(digits)

    found = class_information(numbers, classes.astype(float))

    assert found == pytest.approx(class_information_by_loops(numbers, classes))


def test_bins_find_what_a_class_says():
    random = np.random.default_rng(0)
    classes = random.integers(0, 2, 40_000)
    # Uniform on [0, 1) or on [1/2, 3/2): half of the rows tell their class.
    numbers = random.random(40_000) + classes / 2
    noise = random.normal(size=40_000)

    found = class_information(numbers, classes.astype(float))

    assert found == pytest.approx(np.log(2) / 2, rel=0.03)
    assert abs(class_information(noise, classes.astype(float))) < 1e-3


def test_missing_numbers_are_left_out():
    x, y = gaussian_pair(500)
    classes = (y > 0).astype(float)
    with_gaps = np.append(x, [np.nan] * 9), np.append(classes, [1.0] * 9)

    assert class_information(*with_gaps) == class_information(x, classes)
    assert mutual_information(*with_gaps) == mutual_information(x, classes)


@pytest.mark.parametrize("kind", ["binary", "real"])
def test_ranks_by_information_and_names_the_twin(kind):
    random = np.random.default_rng(0)
    columns = {name: random.normal(size=2000) for name in ("noise", "weak", "strong")}
    columns["twin"] = columns["strong"].copy()
    columns["empty"] = np.full(2000, np.nan)
    logits = 2 * columns["strong"] + columns["weak"]
    labels = logits + random.normal(size=2000)
    labels = labels > 0 if kind == "binary" else labels

    data = ranking_data(columns, labels, kind=kind)

    found = rank_by_mi_screening(data, correlation=0.6)

    assert found.ranked[:3] == ("strong", "twin", "weak")
    assert found.scores[4] == 0.0
    assert found.details["representative"].tolist() == [0, 1, 2, 2, 4]


def test_a_redundant_column_is_one_beyond_the_correlation():
    x, y = gaussian_pair(4000, correlation=0.75)
    columns, scores = np.column_stack([y, x]), np.array([0.1, 0.2])

    assert representatives(columns, scores, 0.6).tolist() == [1, 1]
    assert representatives(columns, scores, 0.9).tolist() == [0, 1]
