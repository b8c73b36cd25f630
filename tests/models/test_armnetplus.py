"""ARMNetPlus: two branches, their mean at the start, and its size."""

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
    deep = model.deep_embedding(mixed_batch).flatten(start_dim=1)

    crossed, plain = model.head.branches(crosses, deep)

    torch.testing.assert_close(model(mixed_batch), (crossed + plain) / 2)


def test_branches_have_tables_of_their_own(categorical_schema, categorical_batch):
    model = ARMNetPlus(categorical_schema, **SMALL).eval()
    with torch.no_grad():
        model.head.weights.copy_(torch.tensor([[1.0, 0.0]]))
    before = model(categorical_batch)

    torch.nn.init.normal_(model.deep_embedding.table)

    assert torch.equal(model(categorical_batch), before)


def test_size_of_the_published_frappe_model(frappe_schema):
    model = ARMNetPlus(frappe_schema)

    # Two tables of 53,890; 4 * 10 * 10 and 16 (10 + 10 + 2); towers of 256 and 256 on
    # 160 and on 100 inputs, normalised, with a head of 257 each; 3 to weigh them.
    neurons = 400 + 352
    towers = 160 * 256 + 100 * 256 + 2 * (256 + 256 * 256 + 256 + 1_024 + 257)
    total = 2 * 53_890 + neurons + towers + 3
    assert sum(p.numel() for p in model.parameters()) == total


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 0.5}, r"alpha must be finite and at least 1, got 0\.5"),
        ({"deep_hidden_dims": (0,)}, r"hidden_dims must be positive, got \(0,\)"),
        ({"deep_dropout": 1.5}, r"dropout must be a share in \[0, 1\), got 1\.5"),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        ARMNetPlus(categorical_schema, **settings)
