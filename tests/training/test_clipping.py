"""Clipping against torch.nn.utils.clip_grad_norm_."""

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from fieldwise.training._clipping import clip_total_norm
from fieldwise.training._row_gradients import sum_table_gradients


def parameters(*, sparse):
    torch.manual_seed(0)
    table, head = nn.Parameter(torch.randn(6, 3)), nn.Parameter(torch.randn(3))
    rows = torch.tensor([0, 4, 4, 4])
    embedded = nn.functional.embedding(rows, table, sparse=sparse)
    (embedded @ head).square().sum().backward()
    sum_table_gradients([table])
    return [table, head, nn.Parameter(torch.randn(2))]


def test_by_hand():
    one, other = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
    one.grad, other.grad = torch.tensor([3.0]), torch.tensor([4.0])

    total = clip_total_norm([one, other], 1.0)

    # sqrt(9 + 16) = 5, so everything is divided by 5
    assert total.item() == 5
    torch.testing.assert_close(one.grad, torch.tensor([0.6]))
    torch.testing.assert_close(other.grad, torch.tensor([0.8]))


@pytest.mark.parametrize("max_norm", [0.01, 1.0, 1e9])
@pytest.mark.parametrize("sparse", [True, False])
def test_equals_torch_on_dense_gradients(sparse, max_norm):
    dense, ours = parameters(sparse=False), parameters(sparse=sparse)
    expected = clip_grad_norm_(dense, max_norm)

    total = clip_total_norm(ours, max_norm)

    torch.testing.assert_close(total, expected)
    assert ours[0].grad.is_sparse is sparse
    assert ours[2].grad is None
    for mine, theirs in zip(ours[:2], dense[:2], strict=True):
        gradient = mine.grad.to_dense() if mine.grad.is_sparse else mine.grad
        torch.testing.assert_close(gradient, theirs.grad)


def test_short_gradients_keep_their_bits():
    ours = parameters(sparse=True)
    before = ours[1].grad.clone()

    clip_total_norm(ours, 1e9)

    assert torch.equal(ours[1].grad, before)


def test_no_gradients():
    assert clip_total_norm([nn.Parameter(torch.zeros(1))], 1.0) == 0
