"""What every optimizer of touched rows promises."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.training.optimizers import LazyAdam, RowwiseAdagrad
from fieldwise.training.optimizers._lazy_optimizer import loss_of
from tests.training.optimizers.sparse_gradients import give_gradient


@pytest.fixture(params=[LazyAdam, RowwiseAdagrad])
def kind(request):
    return request.param


def test_state_dict_round_trip(kind):
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(4, 2))
    optimizer = kind([table], lr=0.1)
    give_gradient(table, [1, 2], torch.randn(2, 2))
    optimizer.step()
    other = nn.Parameter(table.detach().clone())
    resumed = kind([other], lr=0.5)

    resumed.load_state_dict(deepcopy(optimizer.state_dict()))

    values = torch.randn(2, 2)
    for parameter, its_optimizer in ((table, optimizer), (other, resumed)):
        give_gradient(parameter, [1, 3], values)
        its_optimizer.step()
    assert torch.equal(other, table)


def test_no_gradient_and_no_rows(kind):
    table = nn.Parameter(torch.ones(3, 2))
    optimizer = kind([table])

    optimizer.step()
    give_gradient(table, [], torch.empty(0, 2))
    optimizer.step()

    assert (table == 1).all()


def test_groups_have_rates_of_their_own(kind):
    tables = [nn.Parameter(torch.ones(2, 1)) for _ in range(3)]
    optimizer = kind(
        [{"params": tables[:1], "lr": 0.1}, {"params": tables[1:], "lr": 0.2}]
    )
    for table in tables[:2]:
        give_gradient(table, [0], torch.ones(1, 1))

    optimizer.step()

    # The first step is one learning rate long; the third table has no gradient.
    moved = torch.cat([table.detach() for table in tables]).flatten()
    torch.testing.assert_close(moved, torch.tensor([0.9, 1.0, 0.8, 1.0, 1.0, 1.0]))


def test_a_closure_is_called_with_gradients_on(kind):
    table = nn.Parameter(torch.ones(2, 2))

    def closure():
        loss = nn.functional.embedding(torch.tensor([0]), table, sparse=True).sum()
        loss.backward()
        return loss.item()

    assert kind([table], lr=0.1).step(closure) == 2.0
    assert table[0, 0].item() == pytest.approx(0.9)


def test_no_closure_has_no_loss():
    assert loss_of(None) is None


def test_dense_gradients_name_the_remedy(kind):
    table = nn.Parameter(torch.ones(2, 2))
    table.grad = torch.ones(2, 2)

    with pytest.raises(
        ShapeError, match=r"dense one of shape \(2, 2\).*sparse_gradient"
    ):
        kind([table]).step()
