"""TokenFeedForward: each token has a tower of its own."""

import math

import pytest
import torch

from fieldwise.nn.token_feed_forward import TokenFeedForward


def gelu(x):
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


def test_one_number_by_hand():
    layer = TokenFeedForward(1, 1, hidden_dim=1).double()
    with torch.no_grad():
        layer.widen.weight.fill_(2.0)
        layer.widen.bias.fill_(-1.0)
        layer.narrow.weight.fill_(3.0)
        layer.narrow.bias.fill_(0.5)

    out = layer(torch.ones(1, 1, 1, dtype=torch.float64))

    # GELU(2 - 1) = .8413..., the share of a normal distribution below 1
    assert out.item() == pytest.approx(3 * 0.8413447460685429 + 0.5)


def test_equals_the_loop():
    torch.manual_seed(0)
    layer = TokenFeedForward(3, 2, hidden_dim=4).double()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    x = torch.randn(5, 3, 2, dtype=torch.float64)

    out = layer(x)

    for row in range(5):
        for token in range(3):
            hidden = x[row, token] @ layer.widen.weight[token]
            hidden = hidden + layer.widen.bias[token]
            hidden = torch.tensor(
                [gelu(v) for v in hidden.tolist()], dtype=torch.float64
            )
            expected = hidden @ layer.narrow.weight[token] + layer.narrow.bias[token]
            torch.testing.assert_close(out[row, token], expected, rtol=0, atol=1e-10)


def test_number_of_parameters():
    layer = TokenFeedForward(3, 4, hidden_dim=8)

    # L (2 c d^2 + c d + d) with c = 2
    assert sum(p.numel() for p in layer.parameters()) == 3 * (2 * 2 * 16 + 8 + 4)


def test_tokens_do_not_see_each_other():
    torch.manual_seed(0)
    layer = TokenFeedForward(3, 4, hidden_dim=8)
    x = torch.randn(2, 3, 4)
    changed = x.clone()
    changed[:, 1] += 1

    same = (layer(x) == layer(changed)).all(dim=2).all(dim=0)

    assert same.tolist() == [True, False, True]


def test_width_must_be_positive():
    with pytest.raises(ValueError, match="hidden_dim must be positive, got 0"):
        TokenFeedForward(3, 4, hidden_dim=0)
