"""Counts of what was asked, beside a loop over rows."""

import math

import numpy as np
import pytest

from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
)
from fieldwise.serving.server import traffic as traffic_module
from fieldwise.serving.server.traffic import Traffic, TrafficLayout, score_edges

LABELS = (
    Label("click", "binary", positive=1),
    Label("rating", "real", center=2.0, scale=0.5),
)


@pytest.fixture
def schema():
    names = {"value_type": "string"}
    return Schema(
        (
            CategoricalField("small", num_features=5, **names),
            CategoricalField("large", num_features=5000, **names),
            NumericField("price", "standard", center=0.0, scale=1.0),
            SequenceField("tags", num_features=4, **names),
        ),
        labels=LABELS,
    )


@pytest.fixture
def traffic(schema):
    layout = TrafficLayout(schema)
    return Traffic(schema, layout, np.zeros(layout.size))


def scores_of(num_rows):
    random = np.random.default_rng(num_rows)
    columns = [random.random(num_rows), random.normal(2, 1, num_rows)]
    return np.stack(columns, axis=1)


def test_counts_are_those_of_a_loop(schema, traffic, random_batch):
    batches = [random_batch(schema, count, seed=count) for count in (7, 1, 30)]
    scores = [scores_of(len(batch)) for batch in batches]
    wanted = {name: np.zeros(1002) for name in ("small", "large", "tags")}
    buckets = [np.zeros(len(score_edges(label)) + 1) for label in LABELS]
    numbers = []
    for batch, said in zip(batches, scores, strict=True):
        traffic.observe(batch, said)
        for small, large in batch.indices.tolist():
            wanted["small"][small] += 1
            wanted["large"][min(large - 5, 1001)] += 1
        for item in batch.sequence_indices.tolist():
            wanted["tags"][item - 5005] += 1
        numbers += [x for x in batch.numbers[:, 0].tolist() if not math.isnan(x)]
        for row in said:
            for task, label in enumerate(LABELS):
                below = [edge for edge in score_edges(label) if edge < row[task]]
                buckets[task][len(below)] += 1

    traffic.settle()

    layout, counts = traffic.layout, traffic.counts
    found = dict(zip(layout.fields, layout.values(counts), strict=True))
    assert found.keys() == wanted.keys()
    for name, column in wanted.items():
        np.testing.assert_array_equal(found[name], column)
    moments = layout.moments(counts)[:, 0]
    squares = sum(x * x for x in numbers)
    np.testing.assert_allclose(moments, [len(numbers), sum(numbers), squares])
    for task, column in enumerate(buckets):
        *told, total = layout.scores(counts, task)
        np.testing.assert_array_equal(told, column)
        assert total == pytest.approx(sum(said[:, task].sum() for said in scores))


def test_each_row_is_counted_once(schema, traffic, random_batch):
    traffic.observe(random_batch(schema, 4), scores_of(4))

    traffic.settle()
    traffic.settle()

    assert traffic.layout.values(traffic.counts)[0].sum() == 4


def test_rows_beyond_a_limit_do_not_wait(schema, traffic, random_batch, monkeypatch):
    monkeypatch.setattr(traffic_module, "MAX_LEFT_ROWS", 10)

    for _ in range(5):
        traffic.observe(random_batch(schema, 4), scores_of(4))
    traffic.settle()

    assert traffic.layout.values(traffic.counts)[0].sum() == 12
    traffic.observe(random_batch(schema, 4), scores_of(4))
    traffic.settle()
    assert traffic.layout.values(traffic.counts)[0].sum() == 16
