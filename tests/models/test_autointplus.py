"""AutoInt+ is AutoInt plus DNN on one table."""

import pytest
import torch

from fieldwise.models.autoint import AutoInt
from fieldwise.models.autointplus import AutoIntPlus
from fieldwise.models.dnn import DNN

SIZES = {"num_layers": 2, "num_heads": 2, "head_dim": 3}


def randomise(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return model


@pytest.mark.parametrize(
    "variant",
    [
        {},
        {"gaussian_gate": True},
        {"residual": "identity", "scaled": True, "layer_norm": True},
    ],
)
def test_is_the_sum_of_its_parts(mixed_schema, mixed_batch, to_double, variant):
    batch = to_double(mixed_batch)
    settings = {"embedding_dim": 6, **SIZES, **variant}
    model = AutoIntPlus(mixed_schema, **settings, hidden_dims=(5, 4))
    randomise(model.double())
    attention = AutoInt(mixed_schema, **settings).double()
    tower = DNN(mixed_schema, embedding_dim=6, hidden_dims=(5, 4)).double()
    for part, other in (
        (attention.embedding, model.embedding),
        (attention.gate, model.gate),
        (attention.attention, model.attention),
        (attention.head, model.head),
        (tower.deep, model.deep),
        (tower.head, model.deep_head),
    ):
        part.load_state_dict(other.state_dict())

    logits = model(batch)

    # Both parts equal a loop in their own tests; the gate stands before both.
    x = model.gate(model.embedding(batch)).flatten(start_dim=1)
    expected = attention(batch) + tower.head(tower.deep(x))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_size_of_the_published_frappe_model(frappe_schema):
    model = AutoIntPlus(
        frappe_schema,
        embedding_dim=10,
        num_layers=5,
        num_heads=4,
        head_dim=32,
        residual="identity",
        scaled=True,
        layer_norm=True,
        hidden_dims=(400, 400, 400),
        batch_norm=True,
    )

    # 53,890 of the table; attention 4 (10 * 128) + 4 (3 * 128 * 128) + 5 (2 * 128) and
    # its head 10 * 128 + 1; the tower 363,600 and its head 400 + 1: published, 0.62M.
    assert sum(p.numel() for p in model.parameters()) == 622_180


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embedding_dim": 0}, r"embedding_dim must be positive, got 0\."),
        ({"num_layers": -1}, r"num_layers must be zero or positive, got -1\."),
        ({"hidden_dims": (4, 0)}, r"hidden_dims must be positive, got \(4, 0\)\."),
        ({"dropout": 1.0}, r"dropout must be a share in \[0, 1\), got 1\.0\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        AutoIntPlus(categorical_schema, **settings)
