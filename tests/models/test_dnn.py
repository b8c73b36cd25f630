"""DNN against a loop over its neurons, and its size."""

import pytest
import torch
from torch import nn

from fieldwise.models.dnn import DNN


def randomise(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    return model


def apply_linear(layer, x):
    weight, bias = layer.weight.tolist(), layer.bias.tolist()
    return [
        sum(w * value for w, value in zip(row, x, strict=True)) + b
        for row, b in zip(weight, bias, strict=True)
    ]


def score_by_loop(model, fields):
    """Concatenate, then linear and ReLU per layer, then the head: one row."""
    x = [value for field in fields for value in field]
    for layer in model.deep.layers:
        if isinstance(layer, nn.Linear):
            x = [max(0.0, value) for value in apply_linear(layer, x)]
    return apply_linear(model.head.linear, x)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = DNN(mixed_schema, embedding_dim=3, hidden_dims=(5, 4))
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    rows = model.embedding(batch).tolist()
    expected = [score_by_loop(model, fields) for fields in rows]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_without_a_tower_it_is_linear_in_the_embeddings(
    categorical_schema, categorical_batch
):
    model = DNN(categorical_schema, embedding_dim=2, hidden_dims=())

    flat = model.embedding(categorical_batch).flatten(start_dim=1)

    torch.testing.assert_close(model(categorical_batch), model.head(flat))


def test_size_of_a_tower_of_the_published_frappe_model(frappe_schema):
    model = DNN(
        frappe_schema,
        embedding_dim=10,
        hidden_dims=(400, 400, 400),
        batch_norm=True,
    )

    # 53,890 of the table; the tower (100 + 1) 400 + 2 (400 + 1) 400 and 3 * 2 * 400 of
    # its norms = 363,600; the head 401. (The published log lists two such towers.)
    assert sum(p.numel() for p in model.parameters()) == 417_891


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embedding_dim": 0}, r"embedding_dim must be positive, got 0\."),
        ({"hidden_dims": (4, 0)}, r"hidden_dims must be positive, got \(4, 0\)\."),
        ({"dropout": 1.5}, r"dropout must be a share in \[0, 1\), got 1\.5\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        DNN(categorical_schema, **settings)
