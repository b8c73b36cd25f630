"""DCN: crosses of rank one beside a tower, against a loop."""

import torch
from torch import nn

from fieldwise.models.dcn import DCN
from tests.models.by_loop import apply_linear, apply_tower, check_rows, inner, randomise


def score_by_loop(model, fields):
    """w [x_L || MLP(x_0)] + b of one row, x_{l+1} = x_0 (w_l x_l) + b_l + x_l."""
    x0 = [value for field in fields for value in field]
    crossed = x0
    for weight, bias in zip(model.cross.weight, model.cross.biases, strict=True):
        product = inner(weight.tolist(), crossed)
        shifted = zip(x0, bias.tolist(), crossed, strict=True)
        crossed = [a * product + b + c for a, b, c in shifted]
    deep = apply_tower(model.tower.deep, x0)
    return apply_linear(model.tower.head.linear, crossed + deep)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = DCN(mixed_schema, embedding_dim=2, num_cross_layers=3, hidden_dims=(5, 4))

    check_rows(randomise(model.double()), to_double(mixed_batch), score_by_loop)


def test_crosses_without_biases_only_scale_a_row(
    categorical_schema, categorical_batch, to_double
):
    model = randomise(DCN(categorical_schema, embedding_dim=2, hidden_dims=()).double())
    for bias in model.cross.biases:
        nn.init.zeros_(bias)
    x = model.embedding(to_double(categorical_batch)).flatten(start_dim=1)

    ratios = model.cross(x) / x

    torch.testing.assert_close(ratios, ratios[:, :1].expand(-1, 6))
