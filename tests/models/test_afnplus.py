"""AFNPlus: two branches, and their mean at the start."""

import torch

from fieldwise.models.afnplus import AFNPlus

SMALL = {
    "embedding_dim": 3,
    "num_neurons": 4,
    "hidden_dims": (5,),
    "deep_hidden_dims": (4,),
}


def test_starts_as_the_mean_of_both_branches(mixed_schema, mixed_batch):
    torch.manual_seed(0)
    model = AFNPlus(mixed_schema, **SMALL).eval()
    products = model.neurons(model.embedding(mixed_batch)).flatten(start_dim=1)
    deep = model.ensemble.embedding(mixed_batch).flatten(start_dim=1)

    crossed, plain = model.ensemble.head.branches(products, deep)

    torch.testing.assert_close(model(mixed_batch), (crossed + plain) / 2)


def test_signs_matter_to_the_tower_only(categorical_schema, categorical_batch):
    torch.manual_seed(0)
    model = AFNPlus(categorical_schema, **SMALL).eval()
    with torch.no_grad():
        model.ensemble.embedding.table.normal_()
        before = model(categorical_batch)

        model.embedding.table.neg_()
        torch.testing.assert_close(model(categorical_batch), before)

        model.ensemble.embedding.table.neg_()
        assert not torch.allclose(model(categorical_batch), before)
