"""MaskNet: side by side and in a chain."""

import pytest
import torch
from torch import nn

from fieldwise.models.masknet import MaskNet
from tests.models.by_loop import randomise

SIZES = {
    "embedding_dim": 2,
    "num_blocks": 2,
    "block_dim": 3,
    "mask_ratio": 1.5,
    "hidden_dims": (5, 4),
}


def apply_linear(layer, x):
    bias = 0.0 if layer.bias is None else layer.bias
    return layer.weight @ x + bias


def normalise(x, scale, shift):
    deviation = x - sum(x) / len(x)
    variance = sum(value**2 for value in deviation) / len(x)
    return scale * deviation / (variance + 1e-5) ** 0.5 + shift


def block_by_loop(block, x, row):
    mask = apply_linear(
        block.mask, apply_linear(block.hidden.layers[0], row).clamp(min=0)
    )
    linear, norm = block.layer.layers[:2]
    mapped = apply_linear(linear, mask * x)
    return normalise(mapped, norm.weight, norm.bias).clamp(min=0)


def score_by_loop(model, fields):
    """Of one row, ``(field, dim)``."""
    norm = model.norm
    parts = zip(fields, norm.weight, norm.bias, strict=True)
    x, row = torch.cat([normalise(*part) for part in parts]), fields.flatten()
    if model.is_parallel:
        x = torch.cat([block_by_loop(block, x, row) for block in model.blocks])
        for layer in model.tower.deep.layers:
            if isinstance(layer, nn.Linear):
                x = apply_linear(layer, x).clamp(min=0)
    else:
        for block in model.blocks:
            x = block_by_loop(block, x, row)
    return apply_linear(model.tower.head.linear, x)[0]


@pytest.mark.parametrize("structure", ["parallel", "serial"])
def test_equals_the_loop(mixed_schema, mixed_batch, to_double, structure):
    model = MaskNet(mixed_schema, structure=structure, **SIZES)
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    expected = [score_by_loop(model, row) for row in model.embedding(batch)]
    torch.testing.assert_close(logits, torch.stack(expected), rtol=1e-10, atol=1e-10)


def test_masks_of_ones_leave_a_plain_tower(categorical_schema, categorical_batch):
    model = randomise(
        MaskNet(
            categorical_schema, structure="serial", embedding_norm=False, **SIZES
        ).double()
    )
    for block in model.blocks:
        nn.init.zeros_(block.mask.weight)
        nn.init.ones_(block.mask.bias)

    logits = model(categorical_batch)

    x = model.embedding(categorical_batch).flatten(1)
    for block in model.blocks:
        linear, norm = block.layer.layers[:2]
        x = norm(linear(x)).relu()
    torch.testing.assert_close(logits, model.tower.head(x))


def test_masks_read_the_embeddings_as_they_are(categorical_schema, categorical_batch):
    model = randomise(MaskNet(categorical_schema, **SIZES))
    seen = []
    model.blocks[1].hidden.register_forward_hook(
        lambda _module, arguments, _output: seen.append(arguments[0])
    )

    model(categorical_batch)

    row = model.embedding(categorical_batch).flatten(1)
    assert torch.equal(seen[0], row)


def test_a_chain_has_a_block_for_each_width(categorical_schema):
    model = MaskNet(categorical_schema, structure="serial", **SIZES)

    assert [(b.in_features, b.out_features) for b in model.blocks] == [(6, 5), (5, 4)]
    assert not list(model.tower.deep.parameters())


def test_masks_must_have_a_width(categorical_schema):
    with pytest.raises(ValueError, match=r"mask_ratio must be positive, got 0.0\."):
        MaskNet(categorical_schema, **SIZES | {"mask_ratio": 0.0})
