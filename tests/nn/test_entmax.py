"""Entmax: shares of a row against the definition, and gradients against differences."""

import math

import pytest
import torch

from fieldwise.nn.entmax import SOFTMAX_MARGIN, entmax
from tests.nn.entmax_by_bisection import entmax_by_bisection

ALPHAS = (1.0, 1.2, 1.5, 1.7, 2.0, 2.5)


def scores(*shape, scale=1.0):
    torch.manual_seed(0)
    return scale * torch.randn(*shape, dtype=torch.float64)


def test_sparsemax_by_hand():
    # (1.0, 0.5, -1): with two inside tau = (1.5 - 1) / 2 = 0.25, and -1 is below it.
    shares = entmax(torch.tensor([1.0, 0.5, -1.0]), alpha=2.0)

    torch.testing.assert_close(shares, torch.tensor([0.75, 0.25, 0.0]))


def test_one_and_a_half_by_hand():
    # Halves (0, 0): (0 - tau)^2 * 2 = 1, tau = -1 / sqrt 2. A third entry at -2 is
    # halved to -1, below tau.
    shares = entmax(torch.tensor([0.0, 0.0, -2.0]), alpha=1.5)

    torch.testing.assert_close(shares, torch.tensor([0.5, 0.5, 0.0]))


@pytest.mark.parametrize("alpha", ALPHAS[1:])
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_equals_the_definition(alpha, scale):
    x = scores(30, 7, scale=scale)

    expected = [entmax_by_bisection(row, alpha) for row in x.tolist()]

    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(entmax(x, alpha=alpha), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("alpha", [1.5, 2.0])
def test_bisection_agrees_with_the_exact_thresholds(alpha):
    x = scores(200, 10, scale=2.0)

    # A nearby alpha goes through the bisection.
    near = entmax(x, alpha=alpha + 1e-12)

    torch.testing.assert_close(entmax(x, alpha=alpha), near, rtol=0, atol=1e-10)


@pytest.mark.parametrize("alpha", [1.0, 1 + SOFTMAX_MARGIN / 2])
def test_one_is_softmax(alpha):
    x = scores(5, 4)

    assert torch.equal(entmax(x, alpha=alpha), x.softmax(dim=-1))


def test_comes_near_softmax():
    x = scores(20, 6)

    near = entmax(x, alpha=1 + 2 * SOFTMAX_MARGIN)

    torch.testing.assert_close(near, x.softmax(dim=-1), rtol=0, atol=2e-3)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rows_are_shares(alpha, dtype):
    shares = entmax(scores(100, 9, scale=3.0).to(dtype), alpha=alpha)

    assert shares.dtype == dtype
    assert (shares >= 0).all()
    ones = torch.ones(100, dtype=dtype)
    torch.testing.assert_close(shares.sum(-1), ones, rtol=0, atol=2e-6)


def test_support_shrinks_as_alpha_grows():
    x = scores(500, 12, scale=2.0)

    sizes = [(entmax(x, alpha=alpha) > 0).double().sum(-1).mean() for alpha in ALPHAS]

    assert sizes[0] == 12
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[2] < 12


@pytest.mark.parametrize("alpha", ALPHAS)
def test_a_constant_changes_nothing(alpha):
    x = scores(50, 6)

    torch.testing.assert_close(entmax(x + 3.5, alpha=alpha), entmax(x, alpha=alpha))


@pytest.mark.parametrize("alpha", ALPHAS)
def test_gradient_equals_differences(alpha):
    x = scores(6, 5).requires_grad_()

    assert torch.autograd.gradcheck(lambda x: entmax(x, alpha=alpha), (x,))


@pytest.mark.parametrize("alpha", [1.2, 1.5, 2.0, 4.0])
def test_gradient_is_finite_where_one_entry_has_it_all(alpha):
    x = torch.tensor([[100.0, 0.0, -3.0], [0.0, 0.0, 0.0]], requires_grad=True)

    entmax(x, alpha=alpha)[:, 0].sum().backward()

    assert x.grad.isfinite().all()
    assert not x.grad[0].any()


@pytest.mark.parametrize("alpha", ALPHAS)
def test_ties_share_alike(alpha):
    shares = entmax(torch.zeros(2, 4), alpha=alpha)

    torch.testing.assert_close(shares, torch.full((2, 4), 0.25))


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("shape", [(0, 3), (4, 1), (2, 0, 5), (3,)])
def test_limits(alpha, shape):
    x = scores(*shape).requires_grad_()

    shares = entmax(x, alpha=alpha)
    shares.sum().backward()

    assert shares.shape == shape
    assert x.grad.shape == shape
    torch.testing.assert_close(
        shares.sum(-1), torch.ones(shape[:-1], dtype=torch.float64)
    )


@pytest.mark.parametrize("alpha", ALPHAS)
def test_what_is_no_number_stays_visible(alpha):
    x = torch.tensor([[math.nan, 0.0], [1.0, 0.0]])

    shares = entmax(x, alpha=alpha)

    assert shares[0].isnan().any()
    assert shares[1].isfinite().all()


@pytest.mark.parametrize("alpha", ALPHAS)
def test_input_is_left_alone(alpha):
    x = scores(3, 4)
    before = x.clone()

    entmax(x, alpha=alpha)

    assert torch.equal(x, before)


@pytest.mark.parametrize("alpha", [0.5, math.inf, math.nan])
def test_alpha_is_checked(alpha):
    with pytest.raises(ValueError, match=r"alpha must be finite and at least 1, got"):
        entmax(torch.zeros(2), alpha=alpha)
