"""Neighbours: within batches, and by hashes."""

import numpy as np
import pytest

from fieldwise.selection import row_graph
from fieldwise.selection.row_graph import RowGraph, hashing_graph, mini_batch_graphs


def edges_of(graph):
    return set(
        zip(
            graph.rows[graph.sources].tolist(),
            graph.rows[graph.targets].tolist(),
            strict=True,
        )
    )


def nearest(vectors, num_neighbors):
    """The nearest rows of each, one distance at a time."""
    found = []
    for place, vector in enumerate(vectors):
        distances = [(np.sum((vector - v) ** 2), j) for j, v in enumerate(vectors)]
        others = [j for _, j in sorted(distances) if j != place]
        found.append(set(others[:num_neighbors]))
    return found


def test_edges_in_both_directions_and_to_itself():
    graph = RowGraph.of(np.array([7, 8, 9]), np.array([0, 0]), np.array([1, 1]))

    assert edges_of(graph) == {(7, 8), (8, 7), (7, 7), (8, 8), (9, 9)}
    assert len(graph.sources) == 5
    assert graph.num_neighbors().tolist() == [1, 1, 0]


def test_batches_divide_the_rows_and_keep_classes(monkeypatch):
    monkeypatch.setattr(row_graph, "BATCH_ROWS", 50)
    random = np.random.default_rng(0)
    classes = (np.arange(230) % 10 == 0).astype(np.int64)

    graphs = mini_batch_graphs(random.normal(size=(230, 3)), classes, random=random)

    assert len(graphs) == 5
    rows = np.concatenate([graph.rows for graph in graphs])
    assert sorted(rows.tolist()) == list(range(230))
    for graph in graphs:
        assert len(graph.rows) == 46
        assert 4 <= classes[graph.rows].sum() <= 6


def test_rows_of_a_batch_are_joined_to_the_nearest_ones():
    random = np.random.default_rng(1)
    vectors = random.normal(size=(60, 3))

    (graph,) = mini_batch_graphs(vectors, np.zeros(60, np.int64), random=random)

    expected = {(row, row) for row in range(60)}
    for row, others in enumerate(nearest(vectors, 10)):
        expected |= {(row, other) for other in others}
        expected |= {(other, row) for other in others}
    assert edges_of(graph) == expected


def test_hashes_find_most_of_the_nearest_rows():
    # Rows around 40 directions: the nearest ones have a cosine of about 0.9.
    random = np.random.default_rng(2)
    centres = random.normal(size=(40, 16))
    vectors = centres[random.integers(0, 40, 2000)] + 0.25 * random.normal(
        size=(2000, 16)
    )
    squares = ((vectors[:, None] - vectors[None, :200]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    truth = np.argsort(squares, axis=0)[:10].T

    graph = hashing_graph(vectors, random=random)

    found = edges_of(graph)
    hits = [(row, int(other)) in found for row in range(200) for other in truth[row]]
    assert np.mean(hits) > 0.8
    # Ten of its own each, and those of others.
    assert 10 <= graph.num_neighbors().mean() <= 20


@pytest.mark.parametrize("num_rows", [1, 2, 3, 11])
def test_a_few_rows(num_rows):
    random = np.random.default_rng(3)
    vectors = random.normal(size=(num_rows, 2))

    (batch,) = mini_batch_graphs(vectors, np.zeros(num_rows, np.int64), random=random)
    graph = hashing_graph(vectors, random=random)

    everyone = {(a, b) for a in range(num_rows) for b in range(num_rows)}
    assert edges_of(batch) == everyone
    assert edges_of(graph) <= everyone
    assert {(row, row) for row in range(num_rows)} <= edges_of(graph)


def test_equal_rows_are_no_error():
    random = np.random.default_rng(4)

    graph = hashing_graph(np.ones((30, 2)), random=random)

    assert np.isfinite(graph.num_neighbors()).all()


def test_the_seed_decides():
    vectors = np.random.default_rng(5).normal(size=(300, 4))
    graphs = [
        hashing_graph(vectors, random=np.random.default_rng(seed)) for seed in (0, 0, 1)
    ]

    assert edges_of(graphs[0]) == edges_of(graphs[1]) != edges_of(graphs[2])
