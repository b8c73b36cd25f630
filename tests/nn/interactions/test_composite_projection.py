"""CompositeProjection: what comes out for a token may be made from all of them."""

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions import composite_projection
from fieldwise.nn.interactions.composite_projection import CompositeProjection
from fieldwise.nn.token_linear import TokenLinear


def make_rows():
    torch.manual_seed(0)
    return torch.randn(6, 3, 4, dtype=torch.float64)


def test_two_tokens_by_hand():
    layer = CompositeProjection(2, 1, 1, rank=None)
    with torch.no_grad():
        layer.weights[0].copy_(torch.tensor([[1.0, 2.0], [-1.0, 3.0]]))

    # The first is 3 + 2 * 4, the second -3 + 3 * 4.
    assert layer(torch.tensor([[[3.0], [4.0]]])).tolist() == [[[11.0], [9.0]]]


def test_two_factors_by_hand():
    layer = CompositeProjection(2, 1, 1, rank=1)
    with torch.no_grad():
        layer.weights[0].copy_(torch.tensor([[1.0, 2.0]]))
        layer.weights[1].copy_(torch.tensor([[10.0], [-1.0]]))

    # 3 + 2 * 4 = 11 goes to both.
    assert layer(torch.tensor([[[3.0], [4.0]]])).tolist() == [[[110.0], [-11.0]]]


def test_equals_the_loop():
    rows = make_rows()
    layer = CompositeProjection(3, 4, 2, rank=None).double()
    blocks = layer.weights[0].view(3, 2, 3, 4)

    out = layer(rows)

    for token in range(3):
        expected = sum(rows[:, j] @ blocks[token, :, j].t() for j in range(3))
        torch.testing.assert_close(out[:, token], expected, rtol=0, atol=1e-12)


def test_blocks_on_the_diagonal_are_a_map_per_token():
    rows = make_rows()
    apart = TokenLinear(3, 4, 2, bias=False).double()
    layer = CompositeProjection(3, 4, 2, rank=None).double()
    with torch.no_grad():
        layer.weights[0].copy_(torch.block_diag(*apart.weight.transpose(1, 2)))

    torch.testing.assert_close(layer(rows), apart(rows), rtol=0, atol=1e-12)


def test_factors_of_full_rank_are_the_full_matrix():
    rows = make_rows()
    full = CompositeProjection(3, 4, 2, rank=None).double()
    factored = CompositeProjection(3, 4, 2, rank=6).double()
    left, sizes, right = torch.linalg.svd(full.weights[0].detach())
    with torch.no_grad():
        factored.weights[0].copy_(sizes.unsqueeze(1) * right[:6])
        factored.weights[1].copy_(left)

    torch.testing.assert_close(factored(rows), full(rows), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("rank", "expected"), [(None, 3 * 4 * 3 * 2), (5, 5 * 3 * (4 + 2))]
)
def test_number_of_parameters(rank, expected):
    layer = CompositeProjection(3, 4, 2, rank=rank)

    assert sum(p.numel() for p in layer.parameters()) == expected
    assert all("no_bias" not in name for name in layer.state_dict())


def test_factors_start_about_as_large_as_the_full_matrix():
    torch.manual_seed(0)
    full = CompositeProjection(10, 20, 20, rank=None)
    factored = CompositeProjection(10, 20, 20, rank=100)
    rows = torch.randn(500, 10, 20)

    ratio = factored(rows).std() / full(rows).std()

    # 4 r n / (n + r) ** 2 of the variance, with r = n / 2: 8 / 9
    assert ratio.item() == pytest.approx((8 / 9) ** 0.5, rel=0.05)


@pytest.mark.parametrize("rank", [None, 2])
@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(rank, num_rows):
    layer = CompositeProjection(3, 4, 2, rank=rank)

    assert layer(torch.zeros(num_rows, 3, 4)).shape == (num_rows, 3, 2)


def test_a_huge_full_matrix_is_refused(monkeypatch):
    monkeypatch.setattr(composite_projection, "MAX_FULL_WEIGHTS", 72)
    CompositeProjection(3, 4, 2, rank=None)
    CompositeProjection(3, 4, 3, rank=2)

    message = (
        r"rank must be a number where a full matrix has more than 72 weights, got None "
        r"for 12 x 9 = 108\. Set rank=256\."
    )
    with pytest.raises(ValueError, match=message):
        CompositeProjection(3, 4, 3, rank=None)


@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 3, 5)])
def test_other_tokens_are_refused(shape):
    layer = CompositeProjection(3, 4, 5, rank=None)

    with pytest.raises(ShapeError, match=r"x must have shape \(batch, 3, 4\), got"):
        layer(torch.zeros(shape))


@pytest.mark.parametrize(
    ("sizes", "rank", "message"),
    [
        ((0, 4, 5), None, "num_tokens must be positive, got 0"),
        ((3, 0, 5), None, "in_features must be positive, got 0"),
        ((3, 4, 0), None, "out_features must be positive, got 0"),
        ((3, 4, 5), 0, "rank must be positive, got 0"),
    ],
)
def test_sizes_must_be_positive(sizes, rank, message):
    with pytest.raises(ValueError, match=message):
        CompositeProjection(*sizes, rank=rank)
