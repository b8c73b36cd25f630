"""FieldScaling: factors that all fields decide."""

import pytest
import torch
from torch import nn

from fieldwise.nn.interactions.field_scaling import FieldScaling


def test_two_fields_by_hand():
    scaling = FieldScaling(2)
    with torch.no_grad():
        scaling.linear.weight.copy_(torch.tensor([[1.0, 2.0], [0.0, -1.0]]))
        scaling.linear.bias.copy_(torch.tensor([0.5, 1.0]))

    out = scaling(torch.tensor([[[3.0], [4.0]]]))

    # factors 3 + 8 + .5 and -4 + 1: fields as they are, then 3 * 11.5 and 4 * -3
    assert out.flatten().tolist() == [3.0, 4.0, 34.5, -12.0]


def test_equals_the_loop():
    torch.manual_seed(0)
    scaling = FieldScaling(3).double()
    for parameter in scaling.parameters():
        nn.init.normal_(parameter)
    x = torch.randn(4, 3, 2, dtype=torch.float64)
    weight, bias = scaling.linear.weight, scaling.linear.bias

    out = scaling(x)

    assert out.shape == (4, 6, 2)
    for row in range(4):
        for f in range(3):
            for k in range(2):
                factor = sum(weight[f, g] * x[row, g, k] for g in range(3)) + bias[f]
                assert out[row, f, k] == x[row, f, k]
                expected = factor * x[row, f, k]
                torch.testing.assert_close(
                    out[row, 3 + f, k], expected, rtol=1e-10, atol=1e-10
                )


def test_starts_with_fields_as_they_are():
    x = torch.randn(2, 3, 4)

    assert torch.equal(FieldScaling(3)(x), torch.cat([x, x], dim=1))


def test_size():
    assert sum(p.numel() for p in FieldScaling(39).parameters()) == 1560


@pytest.mark.parametrize("num_rows", [0, 1])
def test_any_batch_size(num_rows):
    assert FieldScaling(3)(torch.zeros(num_rows, 3, 2)).shape == (num_rows, 6, 2)


def test_fields_must_be_positive():
    with pytest.raises(ValueError, match="num_fields must be positive, got 0"):
        FieldScaling(0)
