"""DCN: crosses of rank one beside a tower, against a loop, and its size."""

import pytest
import torch
from torch import nn

from fieldwise.models.dcn import DCN


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
    """w [x_L || MLP(x_0)] + b of one row, x_{l+1} = x_0 (w_l x_l) + b_l + x_l."""
    x0 = [value for field in fields for value in field]
    crossed = x0
    for weight, bias in zip(model.cross.weight, model.cross.biases, strict=True):
        product = sum(w * c for w, c in zip(weight.tolist(), crossed, strict=True))
        shifted = zip(x0, bias.tolist(), crossed, strict=True)
        crossed = [a * product + b + c for a, b, c in shifted]
    deep = x0
    for layer in model.tower.deep.layers:
        if isinstance(layer, nn.Linear):
            deep = [max(0.0, value) for value in apply_linear(layer, deep)]
    return apply_linear(model.tower.head.linear, crossed + deep)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = DCN(mixed_schema, embedding_dim=2, num_cross_layers=3, hidden_dims=(5, 4))
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    rows = model.embedding(batch).tolist()
    expected = [score_by_loop(model, fields) for fields in rows]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_crosses_without_biases_only_scale_a_row(
    categorical_schema, categorical_batch, to_double
):
    model = randomise(DCN(categorical_schema, embedding_dim=2, hidden_dims=()).double())
    for bias in model.cross.biases:
        nn.init.zeros_(bias)
    x = model.embedding(to_double(categorical_batch)).flatten(start_dim=1)

    ratios = model.cross(x) / x

    torch.testing.assert_close(ratios, ratios[:, :1].expand(-1, 6))


def test_size_of_the_published_frappe_model(frappe_schema):
    model = DCN(
        frappe_schema,
        embedding_dim=10,
        num_cross_layers=3,
        hidden_dims=(400, 400, 400),
        batch_norm=True,
    )

    # 53,890 of the table; cross layers 3 * 2 * 100 = 600; the tower 363,600; the head
    # 100 + 400 + 1.
    assert sum(p.numel() for p in model.parameters()) == 418_591


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embedding_dim": 0}, r"embedding_dim must be positive, got 0\."),
        ({"num_cross_layers": 0}, r"num_cross_layers must be positive, got 0\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        DCN(categorical_schema, **settings)
