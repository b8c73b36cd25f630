"""Counts of pairs of values, against a dictionary."""

from collections import Counter

import numpy as np
import pytest

from fieldwise.data import crosses
from fieldwise.data.crosses import count_crosses
from fieldwise.data.dataset import Dataset
from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.pair_embeddings import index_pairs


def rows_of(schema, num_rows, seed=0):
    """Encoded rows of index fields and a label, some values more frequent."""
    rng = np.random.default_rng(seed)
    columns = [
        start + np.minimum(rng.geometric(0.4, num_rows) - 1, size - 1)
        for start, size in zip(schema.table_offsets, schema.table_sizes, strict=True)
    ]
    labels = rng.integers(0, 2, num_rows).astype(np.float32).view(np.int32)
    return np.stack([*columns, labels], axis=1).astype(np.int32)


@pytest.mark.parametrize("min_count", [1, 3, 10**6])
@pytest.mark.parametrize("block", [1, 7, 1000])
def test_equals_a_dictionary(categorical_schema, monkeypatch, min_count, block):
    monkeypatch.setattr(crosses, "BLOCK_ROWS", block)
    rows = rows_of(categorical_schema, 200)
    pairs = index_pairs(categorical_schema)

    found = count_crosses(Dataset(categorical_schema, rows), pairs, min_count=min_count)

    offsets, sizes = categorical_schema.table_offsets, categorical_schema.table_sizes
    values = rows[:, :3] - np.array(offsets)
    for number, (i, j) in enumerate([(0, 1), (0, 2), (1, 2)]):
        counted = Counter(int(row[i]) * sizes[j] + int(row[j]) for row in values)
        frequent = {key: n for key, n in counted.items() if n >= min_count}
        assert found.keys[number].tolist() == sorted(frequent)
        assert found.counts[number].tolist() == [frequent[k] for k in sorted(frequent)]
        assert found.rare_rows[number] == 200 - sum(frequent.values())
        assert found.sizes[number] == len(frequent) + 1


def test_the_order_of_rows_does_not_matter(categorical_schema):
    rows = rows_of(categorical_schema, 100)
    pairs = index_pairs(categorical_schema)

    one, other = (
        count_crosses(Dataset(categorical_schema, part), pairs, min_count=2)
        for part in (rows, rows[::-1].copy())
    )

    for mine, yours in zip(
        one.keys + one.counts, other.keys + other.counts, strict=True
    ):
        assert np.array_equal(mine, yours)


def test_some_of_the_pairs(categorical_schema):
    pairs = index_pairs(categorical_schema)
    rows = Dataset(categorical_schema, rows_of(categorical_schema, 100))
    found = count_crosses(rows, pairs)

    some = found.of([pairs[2], pairs[0]])

    assert some.pairs == (pairs[2], pairs[0])
    assert some.rare_rows == (0, 0)
    assert some.sizes == (found.sizes[2], found.sizes[0])
    assert np.array_equal(some.keys[0], found.keys[2])
    assert found.of([]).sizes == ()


def test_no_rows_and_no_pairs(categorical_schema):
    rows = rows_of(categorical_schema, 0)

    found = count_crosses(Dataset(categorical_schema, rows), [("site", "hour")])

    assert found.sizes == (1,)
    assert found.rare_rows == (0,)
    assert count_crosses(Dataset(categorical_schema, rows), []).sizes == ()


def test_errors(categorical_schema):
    rows = Dataset(categorical_schema, rows_of(categorical_schema, 5))
    with pytest.raises(ValueError, match="min_count must be positive, got 0"):
        count_crosses(rows, [], min_count=0)
    with pytest.raises(SchemaError, match=r"pairs must be of index fields .*colour"):
        count_crosses(rows, [("site", "colour")])
