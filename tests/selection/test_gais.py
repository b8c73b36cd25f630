"""GAIS: what a few rows are worth, flipped labels, shares of classes, copies."""

from functools import cache

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.neighbors import KNeighborsClassifier

from fieldwise.errors import DataError, ShapeError
from fieldwise.importance import RowNames
from fieldwise.selection import gais
from fieldwise.selection.gais import rank_by_gais, rank_vectors
from tests.selection.planted import planted, ranking_data
from tests.selection.trained import small_model

NUM_ROWS = 700
SHARE = 0.05


@pytest.fixture(autouse=True)
def fewer_steps(monkeypatch):
    """Planted classes are learned soon."""
    monkeypatch.setattr(gais, "NUM_STEPS", 60)


def gaussians(random, num_rows, *, rate=0.5):
    """Eight columns of which two tell the classes."""
    classes = (random.random(num_rows) < rate).astype(np.int64)
    vectors = random.normal(size=(num_rows, 8))
    vectors[:, :2] += 2.0 * classes[:, None] - 1.0
    return vectors, classes


def moons(random, num_rows):
    vectors, classes = make_moons(num_rows, noise=0.2, random_state=random.integers(99))
    return vectors / vectors.std(axis=0), classes.astype(np.int64)


def accuracy(rows, vectors, classes, held_out):
    model = KNeighborsClassifier(5).fit(vectors[rows], classes[rows])
    return model.score(*held_out)


@cache
def found_in(make, seed, *, flipped=0.0):
    """An importance, its rows, those that were flipped, and rows held out."""
    random = np.random.default_rng(seed)
    vectors, classes = make(random, NUM_ROWS)
    held_out = make(random, 4000)
    is_flipped = random.random(NUM_ROWS) < flipped
    classes = np.where(is_flipped, 1 - classes, classes)
    found = rank_vectors(vectors, classes, seed=seed)
    return found, vectors, classes, is_flipped, held_out


# The claim


@pytest.mark.parametrize("make", [gaussians, moons])
def test_a_twentieth_of_the_rows_is_worth_all(make):
    found, vectors, classes, _, held_out = found_in(make, 0)

    rows = found.above(1 - SHARE).rows

    everything = accuracy(slice(None), vectors, classes, held_out)
    kept = accuracy(rows, vectors, classes, held_out)
    random = np.random.default_rng(0)
    draws = [random.permutation(NUM_ROWS)[: len(rows)] for _ in range(10)]
    chance = [accuracy(draw, vectors, classes, held_out) for draw in draws]
    assert kept > everything - 0.02
    assert kept > np.mean(chance)


def test_flipped_labels_are_left_out():
    found, _, _, is_flipped, _ = found_in(gaussians, 0, flipped=0.1)

    kept = is_flipped[found.above(1 - SHARE).rows].mean()

    assert is_flipped.mean() > 0.08
    assert kept < 0.03


def test_hashes_do_as_well():
    random = np.random.default_rng(0)
    vectors, classes = gaussians(random, 300)
    held_out = gaussians(random, 4000)

    found = rank_vectors(vectors, classes, graph="hashing")

    rows = found.above(0.9).rows
    everything = accuracy(slice(None), vectors, classes, held_out)
    assert accuracy(rows, vectors, classes, held_out) > everything - 0.02


# Its form


def test_each_class_keeps_its_share():
    found, _, classes, _, _ = found_in(gaussians, 0)
    totals = np.bincount(classes)

    for share in (0.01, 0.05, 0.333, 1.0):
        kept = np.bincount(classes[found.above(1 - share).rows], minlength=2)
        assert (np.abs(kept - share * totals) <= 0.5).all()
        top = np.bincount(classes[found.top(round(share * NUM_ROWS)).rows], minlength=2)
        assert (np.abs(top - share * totals) <= 1).all()


def test_what_is_found():
    found, vectors, classes, _, _ = found_in(gaussians, 0)

    assert found.unit == "row"
    assert found.names == RowNames.first(NUM_ROWS)
    assert ((found.scores > 0) & (found.scores < 1)).all()
    # Of its attention a row keeps some for itself and gives some to the other class.
    assert found.details["attention"].sum() < NUM_ROWS
    assert 10 <= found.details["neighbors"].mean() <= 20
    one, other = (rank_vectors(vectors[:50], classes[:50], seed=3) for _ in range(2))
    assert one == other


def test_copies_come_last_and_count_for_the_first():
    random = np.random.default_rng(1)
    vectors, classes = gaussians(random, 60)
    vectors = np.concatenate([vectors, vectors[:20]])
    classes = np.concatenate([classes, classes[:20]])

    found = rank_vectors(vectors, classes)

    assert set(range(60, 80)).isdisjoint(found.top(50).rows)
    assert (found.details["attention"][60:] == 0).all()
    assert (found.details["neighbors"][60:] == 0).all()


def test_rows_of_a_dataset():
    data = planted(0, num_rows=300)
    model = small_model(data, num_epochs=1)

    found = rank_by_gais(data, model=model)

    assert len(found) == len(data.train)
    assert found.data_fingerprint == data.fingerprint
    labels = data.train.labels[:, 0]
    kept = labels[found.top(20).rows]
    assert abs(kept.sum() - 20 * labels.mean()) <= 1


# Limits and errors


@pytest.mark.parametrize("graph", ["mini_batch", "hashing"])
def test_two_rows(graph):
    found = rank_vectors(np.eye(2), np.array([0, 1]), graph=graph)

    assert found.scores.tolist() == [0.5, 0.5]


def test_what_is_refused():
    two = np.array([0, 1])
    with pytest.raises(
        ValueError, match="graph must be one of 'mini_batch', 'hashing'"
    ):
        rank_vectors(np.eye(2), two, graph="x")
    with pytest.raises(ShapeError, match=r"vectors must have shape \(row, dim\)"):
        rank_vectors(np.eye(3), two)
    with pytest.raises(DataError, match="vectors must be finite"):
        rank_vectors(np.full((2, 2), np.nan), two)
    with pytest.raises(DataError, match="classes must be two at least, got 1"):
        rank_vectors(np.eye(2), np.array([1, 1]))


def test_labels_that_are_no_classes():
    real = ranking_data({"a": np.arange(30) % 3}, np.linspace(0, 1, 30), kind="real")
    holes = ranking_data({"a": np.arange(30) % 3}, np.full(30, np.nan))
    some = np.where(np.arange(30) % 2, np.nan, np.arange(30) % 3 == 0)
    with pytest.raises(DataError, match=r"label must be binary .* of kind 'real'"):
        rank_by_gais(real)
    with pytest.raises(DataError, match="a row whose label was observed, got none"):
        rank_by_gais(holes)
    with pytest.raises(DataError, match="missing in 9 rows"):
        rank_by_gais(ranking_data({"a": np.arange(30) % 3}, some))
