"""MLP: the order of its parts, and batches too small to normalise."""

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.linear import Linear
from fieldwise.nn.mlp import MLP


def test_two_layers_by_hand():
    tower = MLP(2, hidden_dims=(2, 1))
    with torch.no_grad():
        first, second = (m for m in tower.layers if isinstance(m, nn.Linear))
        first.weight.copy_(torch.tensor([[1.0, 2.0], [-1.0, 0.0]]))
        first.bias.copy_(torch.tensor([0.5, 1.0]))
        second.weight.copy_(torch.tensor([[2.0, 3.0]]))
        second.bias.fill_(-1.0)

    # relu([1*2+2*1+.5, -1*2+1]) = [4.5, 0]; relu(2*4.5 + 3*0 - 1) = 8
    assert tower(torch.tensor([[2.0, 1.0]])).tolist() == [[8.0]]


def test_order_of_a_layer():
    tower = MLP(3, hidden_dims=(4,), dropout=0.5, batch_norm=True)

    kinds = [type(layer) for layer in tower.layers]

    assert kinds == [Linear, BatchNorm, nn.ReLU, Dropout]


def test_normalises_before_the_activation_by_hand():
    tower = MLP(1, hidden_dims=(1,), batch_norm=True)
    with torch.no_grad():
        tower.layers[0].weight.fill_(2.0)
        tower.layers[0].bias.fill_(1.0)

    out = tower(torch.tensor([[0.0], [1.0], [2.0]]))

    # 2 x + 1 = (1, 3, 5): mean 3, variance 8/3, so (-1.2247, 0, 1.2247), then ReLU.
    # The activation first would have cut nothing and left a negative number.
    expected = torch.tensor([[0.0], [0.0], [2 / (8 / 3) ** 0.5]])
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-5)


def test_normalises_over_the_width_by_hand():
    tower = MLP(1, hidden_dims=(3,), layer_norm=True)
    with torch.no_grad():
        tower.layers[0].weight.copy_(torch.tensor([[1.0], [3.0], [5.0]]))

    out = tower(torch.tensor([[1.0], [-2.0]]))

    # (1, 3, 5): mean 3, variance 8/3; times -2 it is the other way round. Then ReLU.
    largest = 2 / (8 / 3) ** 0.5
    expected = torch.tensor([[0.0, 0.0, largest], [largest, 0.0, 0.0]])
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-5)
    assert [type(layer) for layer in tower.layers] == [Linear, nn.LayerNorm, nn.ReLU]


def test_layers_are_normalised_once():
    with pytest.raises(ValueError, match="batch_norm must be False where layer_norm"):
        MLP(3, hidden_dims=(4,), batch_norm=True, layer_norm=True)


def test_size_of_the_published_frappe_tower():
    tower = MLP(100, hidden_dims=(400, 400, 400), batch_norm=True)

    # Three layers with biases: 40,400 + 2 * 160,400; three norms: 3 * 2 * 400.
    assert sum(p.numel() for p in tower.parameters()) == 363_600


def test_weights_are_named_by_position():
    tower = MLP(3, hidden_dims=(4, 2), dropout=0.5)

    # Linear, ReLU, dropout, linear: saved rankers know the second one as number 3.
    assert {name.rpartition(".")[0] for name in tower.state_dict()} == {
        "layers.0",
        "layers.3",
    }


def test_relu_that_joins_the_product_is_the_same_relu():
    torch.manual_seed(0)
    joined, apart = MLP(3, hidden_dims=(4, 2)), MLP(3, hidden_dims=(4, 2))
    apart.load_state_dict(joined.state_dict())
    apart.relu_joins_product = False
    x = torch.randn(5, 3)

    for tower in (joined, apart):
        tower(x).sum().backward()

    assert torch.equal(joined(x), apart(x))
    for one, other in zip(joined.parameters(), apart.parameters(), strict=True):
        assert torch.equal(one.grad, other.grad)


def test_no_layers_is_the_identity():
    tower = MLP(3, hidden_dims=())
    x = torch.randn(2, 3)

    assert tower.out_features == 3
    assert tower(x) is x


def test_training_row_alone_uses_running_statistics():
    torch.manual_seed(0)
    tower = MLP(3, hidden_dims=(4,), batch_norm=True)
    tower(torch.randn(16, 3))
    before = {name: buffer.clone() for name, buffer in tower.named_buffers()}
    row = torch.randn(1, 3)

    trained = tower(row)

    torch.testing.assert_close(trained, tower.eval()(row))
    for name, buffer in tower.named_buffers():
        assert torch.equal(buffer, before[name])


def test_training_row_alone_has_gradients():
    tower = MLP(3, hidden_dims=(4,), batch_norm=True)

    tower(torch.randn(1, 3)).sum().backward()

    assert all(p.grad is not None for p in tower.parameters())


def test_dropout_is_last_and_for_training_only():
    torch.manual_seed(0)
    tower = MLP(1, hidden_dims=(1,), dropout=0.75)
    torch.nn.init.ones_(tower.layers[0].weight)
    x = torch.ones(4000, 1)

    trained, evaluated = tower(x), tower.eval()(x)

    # What is kept grows by 1 / (1 - .75) = 4, so that the mean stays at one.
    assert set(trained.unique().tolist()) == {0.0, 4.0}
    assert trained.mean().item() == pytest.approx(1.0, abs=0.15)
    assert torch.equal(evaluated, x)


@pytest.mark.parametrize("is_training", [True, False])
def test_empty_batch(is_training):
    tower = MLP(3, hidden_dims=(4, 2), batch_norm=True).train(is_training)

    assert tower(torch.zeros(0, 3)).shape == (0, 2)
    assert all(buffer.isfinite().all() for buffer in tower.buffers())


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 5\)"):
        MLP(4, hidden_dims=(2,))(torch.zeros(3, 5))


def test_widths_must_be_positive():
    with pytest.raises(ValueError, match=r"hidden_dims must be positive, got \(4, 0\)"):
        MLP(3, hidden_dims=(4, 0))


def test_dropout_must_be_a_share():
    with pytest.raises(ValueError, match="dropout must be a share"):
        MLP(3, hidden_dims=(4,), dropout=1.0)
