"""LinearHead: shapes of logits and the affine map."""

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.heads import LinearHead


def test_one_task_by_hand():
    head = LinearHead(2)
    with torch.no_grad():
        head.linear.weight.copy_(torch.tensor([[2.0, -1.0]]))
        head.linear.bias.fill_(0.5)

    # 2*3 - 1*4 + 0.5
    assert head(torch.tensor([[3.0, 4.0]])).tolist() == [2.5]


def test_logits_are_not_rounded_under_autocast():
    torch.manual_seed(0)
    head = LinearHead(8)
    x = torch.randn(50, 8).bfloat16()

    with torch.autocast("cpu", torch.bfloat16):
        logits = head(x)

    assert logits.dtype == torch.float32
    assert torch.equal(logits, head(x.float()))


@pytest.mark.parametrize("num_rows", [0, 1, 3])
def test_shape_follows_the_tasks(num_rows):
    x = torch.zeros(num_rows, 2)

    assert LinearHead(2)(x).shape == (num_rows,)
    assert LinearHead(2, num_tasks=2)(x).shape == (num_rows, 2)


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match="x must have last dimension 4"):
        LinearHead(4)(torch.zeros(3, 5))


def test_sizes_must_be_positive():
    with pytest.raises(ValueError, match="num_tasks must be positive, got 0"):
        LinearHead(4, num_tasks=0)
