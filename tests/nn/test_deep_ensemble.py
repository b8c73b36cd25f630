"""DeepEnsemble: two towers that read different things, in one logit."""

from dataclasses import replace

import pytest
import torch

from fieldwise.nn.deep_ensemble import DeepEnsemble
from fieldwise.schema import Label

SIZES = {"embedding_dim": 2, "hidden_dims": (4,), "deep_hidden_dims": (5, 3)}


@pytest.fixture
def ensemble(categorical_schema):
    torch.manual_seed(0)
    return DeepEnsemble(categorical_schema, 7, **SIZES)


def test_starts_as_the_mean_of_both_towers(ensemble, categorical_batch):
    crosses = torch.randn(8, 7)

    logits = ensemble(crosses, categorical_batch)

    row = ensemble.embedding(categorical_batch).flatten(start_dim=1)
    crossed, deep = ensemble.head.branches(crosses, row)
    torch.testing.assert_close(logits, (crossed + deep) / 2)


def test_each_tower_reads_its_own(ensemble, categorical_batch):
    crosses = torch.randn(8, 7)
    torch.nn.init.normal_(ensemble.embedding.table)
    with torch.no_grad():
        ensemble.head.weights.copy_(torch.tensor([[1.0, 0.0]]))
        crossed = ensemble(crosses, categorical_batch)
        ensemble.head.weights.copy_(torch.tensor([[0.0, 1.0]]))
        deep = ensemble(crosses, categorical_batch)
        ensemble.embedding.table.add_(1.0)
        moved = ensemble(crosses, categorical_batch)

        assert torch.equal(ensemble(crosses + 1.0, categorical_batch), moved)
        assert not torch.allclose(moved, deep)
        ensemble.head.weights.copy_(torch.tensor([[1.0, 0.0]]))
        assert torch.equal(ensemble(crosses, categorical_batch), crossed)


def test_each_tower_has_settings_of_its_own(categorical_schema):
    ensemble = DeepEnsemble(
        categorical_schema, 7, dropout=0.5, deep_batch_norm=True, **SIZES
    )

    kinds = [
        [type(layer).__name__ for layer in tower.layers]
        for tower in ensemble.head.towers
    ]

    of_a_layer = ["Linear", "BatchNorm", "ReLU"]
    assert kinds == [["Linear", "ReLU", "Dropout"], of_a_layer * 2]


def test_size(ensemble):
    # 7 * 4 + 4 and a head of 5; 12 features of 2; 6 * 5 + 5, 5 * 3 + 3 and a head of 4;
    # 3 to weigh both.
    assert sum(p.numel() for p in ensemble.parameters()) == 32 + 5 + 24 + 53 + 4 + 3


@pytest.mark.parametrize("num_rows", [0, 1, 5])
def test_two_labels(categorical_schema, random_batch, num_rows):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    ensemble = DeepEnsemble(schema, 7, **SIZES)

    logits = ensemble(torch.ones(num_rows, 7), random_batch(schema, num_rows))

    assert logits.shape == (num_rows, 2)
