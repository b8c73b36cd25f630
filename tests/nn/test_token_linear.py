"""TokenLinear: each token meets its own matrix."""

import math

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.token_linear import TokenLinear


def test_two_tokens_by_hand():
    layer = TokenLinear(2, 2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[1.0], [2.0]], [[-1.0], [3.0]]]))
        layer.bias.copy_(torch.tensor([[10.0], [0.5]]))

    out = layer(torch.tensor([[[3.0, 4.0], [5.0, 6.0]]]))

    # 3 + 2 * 4 + 10 and -5 + 3 * 6 + .5
    assert out.tolist() == [[[21.0], [13.5]]]


@pytest.mark.parametrize("bias", [False, True])
def test_equals_the_loop(bias):
    torch.manual_seed(0)
    layer = TokenLinear(3, 4, 5, bias=bias).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    x = torch.randn(6, 3, 4, dtype=torch.float64)

    out = layer(x)

    for row in range(6):
        for token in range(3):
            expected = x[row, token] @ layer.weight[token]
            if bias:
                expected = expected + layer.bias[token]
            torch.testing.assert_close(out[row, token], expected, rtol=0, atol=1e-12)


def test_each_matrix_is_drawn_by_its_own_sizes():
    torch.manual_seed(0)
    layer = TokenLinear(50, 30, 20)

    # Glorot: 2 / (30 + 20). Drawn by the sizes of the whole it would be far less.
    assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / 50), rel=0.02)
    assert not layer.bias.any()


def test_without_bias_there_is_none():
    layer = TokenLinear(3, 4, 5, bias=False)

    assert [name for name, _ in layer.named_parameters()] == ["weight"]


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    assert TokenLinear(3, 4, 5)(torch.zeros(num_rows, 3, 4)).shape == (num_rows, 3, 5)


@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 3, 5)])
def test_other_tokens_are_refused(shape):
    with pytest.raises(ShapeError, match=r"x must have shape \(batch, 3, 4\), got"):
        TokenLinear(3, 4, 5)(torch.zeros(shape))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, 4, 5), "num_tokens must be positive, got 0"),
        ((3, 0, 5), "in_features must be positive, got 0"),
        ((3, 4, 0), "out_features must be positive, got 0"),
    ],
)
def test_sizes_must_be_positive(sizes, message):
    with pytest.raises(ValueError, match=message):
        TokenLinear(*sizes)
