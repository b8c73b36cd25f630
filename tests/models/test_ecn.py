"""ECN: masked crosses whose degree doubles, against a loop, and its size."""

import math

import pytest
import torch

from fieldwise.models.ecn import ECN
from fieldwise.schema import CategoricalField, Label, Schema
from tests.models.by_loop import apply_linear, check_rows, inner, randomise


def views_of(fields):
    """First the first halves of all fields, then the second halves."""
    half = len(fields[0]) // 2
    return [value for s in (0, half) for row in fields for value in row[s : s + half]]


def layer_norm(norm, values):
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    weights = zip(values, norm.weight.tolist(), norm.bias.tolist(), strict=True)
    return [(v - mean) / math.sqrt(variance + norm.eps) * w + b for v, w, b in weights]


def score_by_loop(model, fields):
    """w x_L + b of one row, x_{l+1} = x_l * ([c || c * mask] + b) + x_l."""
    x = views_of(fields)
    for layer in model.branch.cross.layers:
        rows = layer.linear.weight.tolist()
        c = [inner(row, x) for row in rows]
        mask = [max(0.0, value) for value in layer_norm(layer.mask_norm, c)]
        h = c + [a * m for a, m in zip(c, mask, strict=True)]
        shifted = zip(x, h, layer.bias.tolist(), strict=True)
        x = [value * (a + b) + value for value, a, b in shifted]
    return apply_linear(model.branch.head.linear, x)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = ECN(mixed_schema, embedding_dim=4, num_cross_layers=2)

    check_rows(randomise(model.double()), to_double(mixed_batch), score_by_loop)


def test_size_of_the_published_criteo_model():
    sizes = [910_747 - 38 * 1000, *[1000] * 38]
    fields = tuple(
        CategoricalField(f"field{place}", num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    schema = Schema(fields, (Label("click", "binary", positive=1),))

    with torch.device("meta"):
        model = ECN(schema, embedding_dim=16, num_cross_layers=4)

    # 910,747 features of 16; with D = 39 * 16 = 624 a layer has 624 * 312 weights, 624
    # biases, and 2 * 312 of its norm: 195,936; the head 625.
    assert sum(p.numel() for p in model.parameters()) == 15_356_321


def test_length_must_be_even(categorical_schema):
    with pytest.raises(ValueError, match=r"embedding_dim must be even, got 5\."):
        ECN(categorical_schema, embedding_dim=5)
