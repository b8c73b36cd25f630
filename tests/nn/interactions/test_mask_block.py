"""MaskBlock: the mask, and what it multiplies."""

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.mask_block import MaskBlock


def randomised(*widths, **settings):
    torch.manual_seed(0)
    block = MaskBlock(*widths, **{"mask_ratio": 2.0} | settings).double()
    for parameter in block.parameters():
        nn.init.normal_(parameter)
    return block


def apply_linear(layer, x):
    weight = layer.weight.tolist()
    bias = [0.0] * len(weight) if layer.bias is None else layer.bias.tolist()
    return [
        sum(w * value for w, value in zip(row, x, strict=True)) + b
        for row, b in zip(weight, bias, strict=True)
    ]


def block_by_loop(block, x, row):
    """ReLU(LN(W (m * h))) of one row, m = W2 ReLU(W1 e + b1) + b2."""
    hidden = [max(0.0, h) for h in apply_linear(block.hidden.layers[0], row)]
    mask = apply_linear(block.mask, hidden)
    linear, norm = block.layer.layers[:2]
    mapped = apply_linear(linear, [m * h for m, h in zip(mask, x, strict=True)])
    mean = sum(mapped) / len(mapped)
    variance = sum((value - mean) ** 2 for value in mapped) / len(mapped)
    normal = [(value - mean) / (variance + norm.eps) ** 0.5 for value in mapped]
    scaled = zip(norm.weight.tolist(), normal, norm.bias.tolist(), strict=True)
    return [max(0.0, scale * value + shift) for scale, value, shift in scaled]


def test_equals_the_loop():
    block = randomised(5, 4, 3)
    x = torch.randn(6, 4, dtype=torch.float64)
    rows = torch.randn(6, 5, dtype=torch.float64)

    expected = [
        block_by_loop(block, *pair)
        for pair in zip(x.tolist(), rows.tolist(), strict=True)
    ]

    torch.testing.assert_close(
        block(x, rows).tolist(), expected, rtol=1e-10, atol=1e-10
    )


def test_two_units_by_hand():
    block = MaskBlock(1, 2, 2, mask_ratio=0.5)
    hidden, linear = block.hidden.layers[0], block.layer.layers[0]
    with torch.no_grad():
        hidden.weight.fill_(2.0)
        block.mask.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        block.mask.bias.copy_(torch.tensor([0.0, 1.0]))
        linear.weight.copy_(torch.tensor([[1.0, 0.0], [1.0, 1.0]]))

    out = block(torch.tensor([[5.0, 1.0]]), torch.tensor([[3.0]]))

    # hidden 6, mask (6, -5), masked (30, -5), mapped (30, 25): normalised (1, -1)
    torch.testing.assert_close(out, torch.tensor([[1.0, 0.0]]), rtol=0, atol=1e-5)


def test_a_mask_of_ones_leaves_a_plain_layer():
    block = randomised(5, 4, 3)
    nn.init.zeros_(block.mask.weight)
    nn.init.ones_(block.mask.bias)
    x = torch.randn(6, 4, dtype=torch.float64)
    rows = torch.randn(6, 5, dtype=torch.float64)

    linear, norm = block.layer.layers[:2]

    torch.testing.assert_close(block(x, rows), norm(linear(x)).relu())


def test_size():
    block = MaskBlock(100, 100, 50, mask_ratio=2.0)

    # 101 * 200 + 201 * 100 + 100 * 50 + 2 * 50, as in the published Frappe model
    assert sum(p.numel() for p in block.parameters()) == 45_400


def test_a_mask_has_at_least_one_hidden_unit():
    assert MaskBlock(5, 2, 3, mask_ratio=0.1).hidden.out_features == 1


def test_dropout_is_in_training_only():
    block = randomised(5, 4, 3, dropout=0.5)
    x = torch.randn(50, 4, dtype=torch.float64)
    rows = torch.randn(50, 5, dtype=torch.float64)

    trained, served = block(x, rows), block.eval()(x, rows)

    assert (trained == 0).sum() > (served == 0).sum()


@pytest.mark.parametrize("num_rows", [0, 1])
def test_any_batch_size(num_rows):
    block = MaskBlock(5, 4, 3, mask_ratio=1.0)

    assert block(torch.zeros(num_rows, 4), torch.zeros(num_rows, 5)).shape == (
        num_rows,
        3,
    )


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(2, 5\)"):
        MaskBlock(5, 4, 3, mask_ratio=1.0)(torch.zeros(2, 5), torch.zeros(2, 5))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"row_features": 0}, "row_features must be positive, got 0"),
        ({"in_features": 0}, "in_features must be positive, got 0"),
        ({"out_features": 0}, "out_features must be positive, got 0"),
        ({"mask_ratio": 0.0}, "mask_ratio must be positive, got 0.0"),
        ({"dropout": 1.0}, "dropout must be a share"),
    ],
)
def test_settings_are_checked(changed, message):
    sizes = {"row_features": 5, "in_features": 4, "out_features": 3}
    with pytest.raises(ValueError, match=message):
        MaskBlock(**sizes | {"mask_ratio": 1.0} | changed)
