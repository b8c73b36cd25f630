"""AFNPlus: two branches, their mean at the start, and its public size."""

import pytest
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
    deep = model.deep_embedding(mixed_batch).flatten(start_dim=1)

    crossed, plain = model.head.branches(products, deep)

    torch.testing.assert_close(model(mixed_batch), (crossed + plain) / 2)


def test_signs_matter_to_the_tower_only(categorical_schema, categorical_batch):
    torch.manual_seed(0)
    model = AFNPlus(categorical_schema, **SMALL).eval()
    with torch.no_grad():
        model.deep_embedding.table.normal_()
        before = model(categorical_batch)

        model.embedding.table.neg_()
        torch.testing.assert_close(model(categorical_batch), before)

        model.deep_embedding.table.neg_()
        assert not torch.allclose(model(categorical_batch), before)


def test_size_of_the_published_frappe_model(frappe_schema):
    model = AFNPlus(frappe_schema, num_neurons=1000, hidden_dims=(400,))

    # AFN of 4,066,711; a table of 53,890; the tower 40,400 + 2 * 160,400 with its head
    # of 401; 3 to weigh both.
    assert sum(p.numel() for p in model.parameters()) == 4_482_205


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_neurons": 0}, "num_neurons must be positive, got 0"),
        ({"deep_hidden_dims": (0,)}, r"hidden_dims must be positive, got \(0,\)"),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        AFNPlus(categorical_schema, **settings)
