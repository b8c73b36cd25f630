"""FieldNorm against torch's own layer normalisation of each field."""

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.field_norm import FieldNorm


def randomised(num_fields, dim):
    torch.manual_seed(0)
    norm = FieldNorm(num_fields, dim).double()
    for parameter in norm.parameters():
        nn.init.normal_(parameter)
    return norm


def test_one_field_by_hand():
    norm = FieldNorm(1, 2)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([[2.0, 3.0]]))
        norm.bias.copy_(torch.tensor([[0.0, 1.0]]))

    out = norm(torch.tensor([[[1.0, 5.0]]]))

    # mean 3, standard deviation 2: (-1, 1), then 2 * -1 and 3 * 1 + 1
    torch.testing.assert_close(out, torch.tensor([[[-2.0, 4.0]]]), rtol=0, atol=1e-5)


def test_equals_a_normalisation_for_each_field():
    norm = randomised(3, 4)
    x = torch.randn(5, 3, 4, dtype=torch.float64)

    expected = []
    for field in range(3):
        single = nn.LayerNorm(4).double()
        single.load_state_dict({"weight": norm.weight[field], "bias": norm.bias[field]})
        expected.append(single(x[:, field]))

    torch.testing.assert_close(
        norm(x), torch.stack(expected, dim=1), rtol=1e-10, atol=1e-10
    )


def test_scale_and_shift_of_the_input_do_not_matter():
    norm = randomised(2, 4)
    x = torch.randn(3, 2, 4, dtype=torch.float64) * 10

    torch.testing.assert_close(norm(7 * x + 3), norm(x), rtol=1e-5, atol=1e-5)


def test_is_float32_under_autocast():
    norm = randomised(2, 4).float()
    x = torch.randn(3, 2, 4).bfloat16()

    with torch.autocast("cpu", torch.bfloat16):
        out = norm(x)

    torch.testing.assert_close(out, norm(x.float()))


@pytest.mark.parametrize("shape", [(0, 2, 4), (1, 2, 4), (3, 5, 2, 4)])
def test_any_rows(shape):
    assert FieldNorm(2, 4)(torch.zeros(shape)).shape == shape


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 2,"):
        FieldNorm(2, 4)(torch.zeros(3, 2, 5))


@pytest.mark.parametrize("sizes", [(0, 4), (2, 0)])
def test_sizes_are_checked(sizes):
    with pytest.raises(ValueError, match=r"(num_fields|dim) must be positive, got 0"):
        FieldNorm(*sizes)
