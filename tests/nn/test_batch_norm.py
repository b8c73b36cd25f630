"""BatchNorm is torch's, but for batches without a variance."""

import pytest
import torch
from torch import nn

from fieldwise.nn.batch_norm import BatchNorm


def both(num_channels):
    """Ours and torch's, with the same weights."""
    ours, theirs = BatchNorm(num_channels), nn.BatchNorm1d(num_channels)
    for parameter in ours.parameters():
        nn.init.normal_(parameter)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def test_two_rows_by_hand():
    # mean 2, variance 1: (1 - 2) / 1 and (3 - 2) / 1, but for epsilon
    out = BatchNorm(1)(torch.tensor([[1.0], [3.0]]))

    torch.testing.assert_close(out, torch.tensor([[-1.0], [1.0]]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 4), (2, 3)])
def test_several_rows_are_normalised_as_torch_does(shape):
    ours, theirs = both(3)
    x = torch.randn(shape)

    assert torch.equal(ours(x), theirs(x))
    assert torch.equal(ours.running_var, theirs.running_var)
    assert torch.equal(ours.eval()(x), theirs.eval()(x))


@pytest.mark.parametrize("num_rows", [0, 1])
@pytest.mark.parametrize("rest", [(), (1,), (4,)])
def test_fewer_rows_use_and_keep_the_running_statistics(num_rows, rest):
    ours, theirs = both(3)
    for norm in (ours, theirs):
        norm(torch.arange(6.0).reshape(2, 3))
    before = {key: value.clone() for key, value in ours.state_dict().items()}
    x = torch.randn(num_rows, 3, *rest)

    out = ours.train()(x)

    torch.testing.assert_close(out, theirs.eval()(x))
    assert all(torch.equal(ours.state_dict()[key], before[key]) for key in before)
