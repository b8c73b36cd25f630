"""ARMNetPlus: two branches, and their mean at the start."""

import pytest
import torch

from fieldwise.models.armnetplus import ARMNetPlus

SMALL = {
    "embedding_dim": 3,
    "num_heads": 2,
    "num_neurons": 3,
    "hidden_dims": (5,),
    "deep_hidden_dims": (4,),
}


def test_starts_as_the_mean_of_both_branches(mixed_schema, mixed_batch):
    torch.manual_seed(0)
    model = ARMNetPlus(mixed_schema, **SMALL).eval()
    crosses = model.neurons(model.embedding(mixed_batch)).flatten(start_dim=1)
    deep = model.ensemble.embedding(mixed_batch).flatten(start_dim=1)

    crossed, plain = model.ensemble.head.branches(crosses, deep)

    torch.testing.assert_close(model(mixed_batch), (crossed + plain) / 2)


def test_branches_have_tables_of_their_own(categorical_schema, categorical_batch):
    model = ARMNetPlus(categorical_schema, **SMALL).eval()
    with torch.no_grad():
        model.ensemble.head.weights.copy_(torch.tensor([[1.0, 0.0]]))
    before = model(categorical_batch)

    torch.nn.init.normal_(model.ensemble.embedding.table)

    assert torch.equal(model(categorical_batch), before)


def test_alpha_is_checked(categorical_schema):
    with pytest.raises(ValueError, match="alpha must be finite and at least 1, got"):
        ARMNetPlus(categorical_schema, alpha=0.5)
