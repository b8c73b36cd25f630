"""SelfMaskBranch: the head on the crosses, and heads that share it."""

import pytest
import torch
from torch import nn

from fieldwise.nn.self_mask_branch import SelfMaskBranch


def branch_with(**settings):
    torch.manual_seed(0)
    branch = SelfMaskBranch("exponential", 6, num_layers=2, **settings).double()
    for parameter in branch.parameters():
        nn.init.normal_(parameter, std=0.5)
    return branch


def test_reads_the_crosses_by_a_loop():
    branch = branch_with()
    x = torch.randn(4, 1, 6, dtype=torch.float64)

    logits = branch(x)

    # The crosses equal a loop in the test of their layer.
    weight = branch.head.linear.weight[0].tolist()
    expected = [
        sum(w * c for w, c in zip(weight, row, strict=True)) + branch.head.linear.bias
        for row in branch.cross(x).tolist()
    ]
    torch.testing.assert_close(logits, torch.cat(expected), rtol=1e-12, atol=1e-12)


def test_logit_of_several_heads_is_their_mean():
    branch = branch_with(num_heads=3)
    x = torch.randn(5, 3, 6, dtype=torch.float64)

    alone = [branch(x[:, head : head + 1]) for head in range(3)]

    torch.testing.assert_close(branch(x), torch.stack(alone).mean(dim=0))


def test_growth_is_that_of_the_crosses():
    one, other = (SelfMaskBranch(g, 6, num_layers=2) for g in ("linear", "exponential"))
    other.load_state_dict(one.state_dict())
    x = torch.randn(5, 1, 6)

    assert not torch.allclose(one(x), other(x))
    assert [b.cross.is_exponential for b in (one, other)] == [False, True]


def test_size():
    # A layer has 6 * 3 weights, 6 biases, 6 of the mask's norm and 2 * 2 of the heads';
    # a head of the two tasks 2 * (6 + 1).
    branch = SelfMaskBranch(
        "linear", 6, num_layers=3, num_heads=2, num_tasks=2, batch_norm=True
    )

    assert sum(p.numel() for p in branch.parameters()) == 3 * 34 + 14


@pytest.mark.parametrize("num_rows", [0, 1, 5])
@pytest.mark.parametrize(("num_tasks", "rest"), [(1, ()), (3, (3,))])
def test_shapes(num_rows, num_tasks, rest):
    branch = SelfMaskBranch("linear", 6, num_layers=1, num_tasks=num_tasks, dropout=0.5)

    assert branch(torch.ones(num_rows, 1, 6)).shape == (num_rows, *rest)


def test_width_must_be_even():
    with pytest.raises(ValueError, match="in_features must be even, got 5"):
        SelfMaskBranch("linear", 5, num_layers=1)
