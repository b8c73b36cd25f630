"""ScoringTower: a tower by hand, and what its settings are for."""

import pytest
import torch
from torch import nn

from fieldwise.nn.scoring_tower import ScoringTower


def test_one_neuron_by_hand():
    tower = ScoringTower(2, (1,))
    with torch.no_grad():
        tower.deep.layers[0].weight.copy_(torch.tensor([[1.0, -1.0]]))
        tower.deep.layers[0].bias.fill_(0.25)
        tower.head.linear.weight.fill_(2.0)
        tower.head.linear.bias.fill_(0.5)

    # 2 relu(5 - 1 + .25) + .5, and 2 relu(1 - 5 + .25) + .5
    assert tower(torch.tensor([[5.0, 1.0], [1.0, 5.0]])).tolist() == [9.0, 0.5]


def test_without_layers_it_is_linear():
    tower = ScoringTower(3, (), num_tasks=2)
    x = torch.randn(4, 3)

    logits = tower(x)

    expected = x @ tower.head.linear.weight.T + tower.head.linear.bias
    torch.testing.assert_close(logits, expected)


def test_size():
    # 3 * 4 + 4 and 4 * 2 + 2 of the tower, 2 * (4 + 2) of its norms, 5 * (2 + 1).
    tower = ScoringTower(3, (4, 2), 5, batch_norm=True)

    assert sum(p.numel() for p in tower.parameters()) == 16 + 10 + 12 + 15


@pytest.mark.parametrize(
    ("settings", "kind"),
    [({"batch_norm": True}, nn.BatchNorm1d), ({"layer_norm": True}, nn.LayerNorm)],
)
def test_settings_are_those_of_the_tower(settings, kind):
    tower = ScoringTower(3, (4,), dropout=0.5, **settings)

    _, norm, _, dropout = tower.deep.layers
    assert isinstance(norm, kind)
    assert dropout.share == 0.5


@pytest.mark.parametrize("num_rows", [0, 1, 5])
@pytest.mark.parametrize(("num_tasks", "rest"), [(1, ()), (3, (3,))])
def test_shapes(num_rows, num_tasks, rest):
    tower = ScoringTower(4, (3,), num_tasks, batch_norm=True)

    assert tower(torch.ones(num_rows, 4)).shape == (num_rows, *rest)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((0, (4,)), "in_features must be positive, got 0"),
        ((3, (4, 0)), r"hidden_dims must be positive, got \(4, 0\)"),
        ((3, (4,), 0), "num_tasks must be positive, got 0"),
    ],
)
def test_sizes_must_be_positive(sizes, message):
    with pytest.raises(ValueError, match=message):
        ScoringTower(*sizes)
