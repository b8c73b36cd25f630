"""Against all permutations, drawn ones, and scikit-learn's mean."""

import math
from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

from fieldwise.selection.outrank import chance
from fieldwise.selection.outrank.chance import Chance
from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.target import Target


def information(values, labels):
    """In nats, by a loop over cells."""
    counts = contingency_matrix(values, labels)
    num_rows = len(values)
    return math.fsum(
        counts[f, m]
        / num_rows
        * math.log(counts[f, m] * num_rows / (counts[f].sum() * counts[:, m].sum()))
        for f, m in np.argwhere(counts)
    )


def all_permutations(values, labels):
    return [information(values, order) for order in set(permutations(labels))]


def drawn(random, values, labels, times=300):
    target = Target(Column(labels, int(labels.max()) + 1))
    size = int(values.max()) + 1
    return [
        target.plain(Column(random.permutation(values), size)) for _ in range(times)
    ]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 0, 1, 1], [0, 0, 1, 1]),
        ([0, 0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 0, 1]),
        ([0, 0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 2, 0]),
        ([0, 0, 0, 0, 0, 1, 2], [0, 0, 0, 0, 0, 0, 1]),
    ],
)
def test_few_rows_by_all_permutations(values, labels):
    every = all_permutations(values, labels)

    found = Chance(np.bincount(labels)).of(np.bincount(values))

    assert found.mean == pytest.approx(np.mean(every), abs=1e-12)
    # Exact only for many values: these are two or three.
    assert found.spread == pytest.approx(np.std(every), rel=0.15)


LABELS = {
    "even": [0.5, 0.5],
    "rare": [0.98, 0.02],
    "three": [0.2, 0.3, 0.5],
    "twenty": [0.05] * 20,
}


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("field", ["few", "skewed", "many", "hardly repeats"])
def test_many_rows_by_drawn_permutations(label, field):
    random = np.random.default_rng(len(label) + len(field))
    num_rows = 6000
    labels = random.choice(len(LABELS[label]), num_rows, p=LABELS[label])
    values = {
        "few": random.integers(0, 7, num_rows),
        "skewed": random.zipf(1.3, num_rows) % 400,
        "many": random.integers(0, 2_000, num_rows),
        "hardly repeats": random.integers(0, 50_000, num_rows),
    }[field]
    values = np.unique(values, return_inverse=True)[1]

    found = Chance(np.bincount(labels)).of(np.bincount(values))
    seen = drawn(random, values, labels)

    assert found.mean == pytest.approx(np.mean(seen), abs=4 * np.std(seen) / 300**0.5)
    assert found.spread == pytest.approx(np.std(seen), rel=0.2)
    counts = contingency_matrix(values, labels, sparse=True).astype(np.int64)
    expected = expected_mutual_information(counts, num_rows)
    assert found.mean * num_rows == pytest.approx(expected * num_rows, abs=0.02)


def test_fields_against_each_other():
    random = np.random.default_rng(0)
    values, labels = random.zipf(1.4, 4000) % 900, random.integers(0, 600, 4000)

    found = Chance(np.bincount(labels)).of(np.bincount(values))
    seen = drawn(random, values, labels)

    assert found.mean == pytest.approx(np.mean(seen), abs=4 * np.std(seen) / 300**0.5)
    assert found.spread == pytest.approx(np.std(seen), rel=0.2)


def test_parts_change_nothing(monkeypatch):
    random = np.random.default_rng(1)
    values = np.bincount(random.zipf(1.3, 5000) % 700)
    whole = Chance(np.array([4000, 1000])).of(values)

    monkeypatch.setattr(chance, "MAX_VALUES", 3)

    assert Chance(np.array([4000, 1000])).of(values) == whole


@pytest.mark.parametrize("rows", [33, 60, 200])
def test_the_series_goes_on_where_looking_ends(monkeypatch, rows):
    values = np.array([2 * rows] * 10)
    labels = np.array([10 * rows, 10 * rows])
    by_series = Chance(labels).of(values)

    monkeypatch.setattr(chance, "SERIES_FROM", 1e9)
    by_looking = Chance(labels).of(values)

    num_rows = 20 * rows
    assert by_series.mean * num_rows == pytest.approx(
        by_looking.mean * num_rows, abs=0.001 * 20
    )
    assert by_series.spread == pytest.approx(by_looking.spread, rel=0.03)


def test_what_cannot_vary_has_no_spread():
    for values, labels in (
        ([10], [5, 5]),
        ([1] * 10, [5, 5]),
        ([5, 5], [10]),
        ([4, 6, 0], [0, 10]),
    ):
        found = Chance(np.array(labels)).of(np.array(values))
        assert found.spread == pytest.approx(0.0, abs=1e-12)
    assert Chance(np.array([5, 5])).of(np.ones(10, int)).mean == pytest.approx(
        math.log(2)
    )
