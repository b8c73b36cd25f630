"""DCNv2: a cross network beside a tower, against a loop, and its size."""

import pytest
import torch
from torch import nn

from fieldwise.models.dcnv2 import DCNv2


def randomise(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    return model


def apply_linear(layer, x):
    weight, bias = layer.weight.tolist(), layer.bias.tolist()
    return [
        sum(w * value for w, value in zip(row, x, strict=True)) + b
        for row, b in zip(weight, bias, strict=True)
    ]


def score_by_loop(model, fields):
    """w [x_L || MLP(x_0)] + b of one row, x_{l+1} = x_0 * (W x_l + b) + x_l."""
    x0 = [value for field in fields for value in field]
    crossed = x0
    for layer in model.cross.layers:
        product = apply_linear(layer, crossed)
        crossed = [a * p + c for a, p, c in zip(x0, product, crossed, strict=True)]
    deep = x0
    for layer in model.deep.layers:
        if isinstance(layer, nn.Linear):
            deep = [max(0.0, value) for value in apply_linear(layer, deep)]
    return apply_linear(model.head.linear, crossed + deep)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = DCNv2(mixed_schema, embedding_dim=2, num_cross_layers=2, hidden_dims=(5, 4))
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    rows = model.embedding(batch).tolist()
    expected = [score_by_loop(model, fields) for fields in rows]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_size_of_the_published_frappe_model(frappe_schema):
    model = DCNv2(
        frappe_schema,
        embedding_dim=10,
        num_cross_layers=4,
        hidden_dims=(400, 400, 400),
        batch_norm=True,
    )

    # 53,890 of the table; cross layers 4 (100 * 100 + 100) = 40,400; the tower 363,600;
    # the head 100 + 400 + 1.
    assert sum(p.numel() for p in model.parameters()) == 458_391


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embedding_dim": 0}, r"embedding_dim must be positive, got 0\."),
        ({"num_cross_layers": 0}, r"num_cross_layers must be positive, got 0\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        DCNv2(categorical_schema, **settings)
