"""What an unknown row holds after training."""

import numpy as np
import pytest
import torch

from fieldwise.data.crosses import CrossCounts
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import CategoricalField, Schema
from fieldwise.training.unknown_rows import (
    TRAINED_COUNT,
    fill_unknown_crosses,
    fill_unknown_rows,
)


def fill(model, schema, counts):
    before = model.embedding.table.detach().clone()
    fill_unknown_rows(model, schema, np.array(counts, dtype=np.int64))
    return before, model.embedding.table.detach()


@pytest.fixture
def two_fields():
    """Rows 0 to 2 are one field's, rows 3 to 6 the other's."""
    sizes = {"site": 3, "device": 4}
    return Schema(
        tuple(
            CategoricalField(name, num_features=size, value_type="string")
            for name, size in sizes.items()
        )
    )


def test_mean_row_by_hand(two_fields, make_additive):
    model = make_additive(two_fields)
    with torch.no_grad():
        model.embedding.table[:3] = torch.tensor([[9.0, 9.0], [1.0, 0.0], [5.0, 8.0]])

    _, after = fill(model, two_fields, [0, 3, 1, 100, 1, 1, 1])

    # three times [1, 0] and once [5, 8]: a quarter of [8, 8]
    assert after[0].tolist() == [2.0, 2.0]


@pytest.mark.parametrize("count", [0, TRAINED_COUNT - 1, TRAINED_COUNT])
def test_rows_that_were_trained_stay(two_fields, make_additive, count):
    before, after = fill(
        make_additive(two_fields), two_fields, [count, 3, 1, count, 1, 1, 1]
    )

    changed = (before != after).any(dim=1).nonzero().flatten().tolist()
    assert changed == ([0, 3] if count < TRAINED_COUNT else [])


def test_field_without_a_known_value_stays(two_fields, make_additive):
    before, after = fill(make_additive(two_fields), two_fields, [0, 0, 0, 0, 1, 1, 1])

    assert torch.equal(before[:3], after[:3])
    assert not torch.equal(before[3], after[3])


def test_every_table_of_a_model_is_filled(two_fields, make_additive):
    model = make_additive(two_fields)
    model.second = make_additive(two_fields, dim=1, seed=1).embedding

    fill(model, two_fields, [0, 1, 1, 0, 1, 0, 0])

    for table in (model.embedding.table, model.second.table):
        torch.testing.assert_close(table[0], table[1:3].mean(dim=0))
        torch.testing.assert_close(table[3], table[4])


def test_equals_a_loop_on_every_kind_of_field(schema, make_additive):
    counts = np.random.default_rng(0).integers(0, 19, schema.num_features)

    before, after = fill(make_additive(schema), schema, counts)

    rows = before.double().tolist()
    start = 0
    for size in schema.table_sizes:
        known = range(start + 1, start + size)
        total = sum(int(counts[row]) for row in known)
        mean = [
            sum(int(counts[row]) * rows[row][place] for row in known) / total
            for place in range(2)
        ]
        assert after[start].tolist() == pytest.approx(mean, abs=1e-6)
        start += size


def test_no_gradient_is_left_behind(two_fields, make_additive):
    model = make_additive(two_fields)

    fill(model, two_fields, [0, 1, 1, 0, 1, 1, 1])

    assert model.embedding.table.requires_grad
    assert model.embedding.table.grad_fn is None


def test_a_table_of_some_fields_is_filled_by_their_own_counts(two_fields):
    model = FieldEmbedding(two_fields, embedding_dim=2, fields=["device"])
    with torch.no_grad():
        model.table.copy_(
            torch.tensor([[9.0, 9.0], [1.0, 0.0], [5.0, 8.0], [7.0, 7.0]])
        )

    # Rows 3 to 6 of the whole are the device's: three times [1, 0] and once [5, 8].
    fill_unknown_rows(model, two_fields, np.array([0, 8, 9, 0, 3, 1, 0]))

    assert model.table[0].tolist() == [2.0, 2.0]


def test_unknown_crosses_by_hand(two_fields):
    """Of three pairs of fields one has many rare rows, one has no row at all."""
    pairs = [("site", "device")] * 3
    layer = CrossEmbedding(
        two_fields, pairs=pairs, cross_sizes=[3, 2, 1], embedding_dim=1
    )
    with torch.no_grad():
        layer.table.copy_(torch.tensor([[9.0], [1.0], [5.0], [9.0], [7.0], [9.0]]))
    keys = tuple(np.arange(size) for size in (2, 1, 0))
    counts = tuple(np.array(column, dtype=np.int64) for column in ([3, 1], [4], []))

    fill_unknown_crosses(
        layer, CrossCounts(tuple(pairs), keys, counts, (0, TRAINED_COUNT, 0))
    )

    # three times 1 and once 5: a quarter of 8
    assert layer.table.flatten().tolist() == [2.0, 1.0, 5.0, 9.0, 7.0, 9.0]
