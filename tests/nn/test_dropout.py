"""Dropout against its definition."""

import pytest
import torch

from fieldwise.nn.dropout import Dropout


def test_share_and_scale():
    torch.manual_seed(0)
    x = torch.ones(1000, 1001)

    y = Dropout(0.2)(x)

    # round(256 * 0.8) = 205 of 256 levels are kept, and scaled by 256 / 205
    assert y.unique().tolist() == pytest.approx([0.0, 256 / 205])
    assert (y > 0).float().mean().item() == pytest.approx(205 / 256, abs=0.002)
    assert y.mean().item() == pytest.approx(1.0, abs=0.002)


def test_neighbours_are_dropped_independently():
    torch.manual_seed(0)
    kept = (Dropout(0.5)(torch.ones(200_000)) > 0).float()

    for lag in (1, 2, 4, 8):
        pairs = torch.stack([kept[:-lag], kept[lag:]])
        assert abs(torch.corrcoef(pairs)[0, 1].item()) < 0.01


def test_identity_in_eval_and_without_a_share():
    x = torch.randn(3, 4)

    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


def test_seed_repeats_and_gradient_goes_through_the_mask():
    x = torch.ones(5, 7, requires_grad=True)
    torch.manual_seed(1)
    first = Dropout(0.3)(x)
    torch.manual_seed(1)
    second = Dropout(0.3)(x)

    first.sum().backward()

    assert torch.equal(first, second)
    assert torch.equal(x.grad, first.detach())


@pytest.mark.parametrize("shape", [(0, 4), (1, 1), (3, 5)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_any_shape_and_dtype(shape, dtype):
    y = Dropout(0.5)(torch.ones(shape, dtype=dtype))

    assert (y.shape, y.dtype) == (shape, dtype)


def test_share_of_one():
    with pytest.raises(ValueError, match=r"share must be a share in \[0, 1\), got 1"):
        Dropout(1.0)
