"""Equivalent units become one, and the tower says what it said."""

import numpy as np
import pytest
import torch

from fieldwise.diagnosis.unit_merging import merge_units
from fieldwise.nn.scoring_tower import ScoringTower


def make_tower(hidden_dims=(8, 5), **arguments):
    torch.manual_seed(0)
    tower = ScoringTower(6, hidden_dims, **arguments)
    with torch.no_grad():
        for parameter in tower.parameters():
            parameter.normal_()
        for buffer in tower.buffers():
            if buffer.is_floating_point():
                buffer.uniform_(0.5, 2.0)
    return tower.eval()


def rows(num_rows=200):
    return torch.randn(num_rows, 6, generator=torch.Generator().manual_seed(1))


def repeat_unit(tower, scale, share):
    """Make unit 1 of the first layer unit 0 times a scale, and split what 0 says."""
    first, second = tower.deep.layers[0], tower.deep.layers[2]
    with torch.no_grad():
        first.weight[1] = scale * first.weight[0]
        first.bias[1] = scale * first.bias[0]
        second.weight[:, 1] = second.weight[:, 0] * (1 - share) / scale
        second.weight[:, 0] *= share


def loop_merged(units, columns, beta):
    """The same merging on lists."""
    groups = []
    for unit, column in zip(units, columns.T, strict=True):
        length = np.linalg.norm(unit)
        groups.append((unit / length, length * column, 1))
    while len(groups) > 1:
        pairs = [
            (np.linalg.norm(groups[i][0] - groups[j][0]), i, j)
            for i in range(len(groups))
            for j in range(i + 1, len(groups))
        ]
        distance, i, j = min(pairs)
        if distance >= beta:
            break
        mean = groups[i][0] * groups[i][2] + groups[j][0] * groups[j][2]
        both = groups[i][1] + groups[j][1]
        groups[i] = (mean / np.linalg.norm(mean), both, groups[i][2] + groups[j][2])
        del groups[j]
    return groups


def test_a_repeated_unit_goes_and_nothing_changes():
    tower = make_tower()
    repeat_unit(tower, scale=3.0, share=0.3)
    said = tower(rows()).detach().numpy()

    merged, complexity = merge_units(tower, beta=1e-4)

    assert merged(rows()).detach().numpy() == pytest.approx(said, abs=1e-4)
    assert complexity.details["after"].tolist() == [7, 5]
    assert complexity.scores.tolist() == [7 / 8, 1]
    assert np.array_equal(tower(rows()).detach().numpy(), said)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_beta_of_zero_changes_nothing(batch_norm):
    tower = make_tower(batch_norm=batch_norm, dropout=0.5)

    merged, complexity = merge_units(tower, beta=0.0)

    assert complexity.scores.tolist() == [1, 1]
    said = tower(rows()).detach().numpy()
    assert merged(rows()).detach().numpy() == pytest.approx(said, rel=1e-4, abs=1e-4)
    assert len(list(merged.buffers())) == 0


def test_constant_units_go_into_the_next_bias():
    tower = make_tower()
    with torch.no_grad():
        tower.deep.layers[0].weight[[2, 4]] = 0.0
        tower.deep.layers[0].bias[[2, 4]] = torch.tensor([1.5, -1.0])

    merged, complexity = merge_units(tower, beta=0.0)

    said = tower(rows()).detach().numpy()
    assert complexity.details["after"].tolist() == [6, 5]
    assert merged(rows()).detach().numpy() == pytest.approx(said, abs=1e-4)


def test_equals_the_loop():
    tower = make_tower((30,))
    first, head = tower.deep.layers[0], tower.head.linear
    units = torch.column_stack([first.weight, first.bias]).detach().double().numpy()
    inputs = np.column_stack([rows().double().numpy(), np.ones(200)])

    for beta in (0.7, 1.0):
        groups = loop_merged(units, head.weight.detach().double().numpy(), beta)
        merged, complexity = merge_units(tower, beta=beta)

        by_loop = head.bias.item() + sum(
            np.maximum(0, inputs @ unit) * column[0] for unit, column, _ in groups
        )
        assert complexity.details["after"].tolist() == [len(groups)]
        assert merged(rows()).detach().numpy() == pytest.approx(by_loop, abs=1e-4)
    assert len(groups) < 30


def test_orthogonal_units_do_not_merge_and_the_change_is_bounded():
    tower = make_tower((6,))
    with torch.no_grad():
        tower.deep.layers[0].weight.copy_(torch.eye(6))
        tower.deep.layers[0].bias.zero_()
    assert merge_units(tower, beta=1.41).complexity.scores.tolist() == [1]

    # Two near units, each of which moves by half their distance, and no ReLU stretches.
    with torch.no_grad():
        tower.deep.layers[0].weight[1] = torch.tensor([1.0, 0.1, 0, 0, 0, 0])
    merged, complexity = merge_units(tower, beta=0.2)
    change = (merged(rows()) - tower(rows())).abs()
    outgoing = tower.head.linear.weight[0, :2].abs().sum() * 1.01
    assert complexity.details["after"].tolist() == [5]
    assert (change <= 0.1 * outgoing * rows().norm(dim=1) + 1e-5).all()


def test_one_unit_stays():
    tower = make_tower((4,))
    with torch.no_grad():
        tower.deep.layers[0].weight.zero_()

    merged, complexity = merge_units(tower, beta=2.0)

    said = tower(rows()).detach().numpy()
    assert complexity.details["after"].tolist() == [1]
    assert merged(rows()).detach().numpy() == pytest.approx(said, abs=1e-5)


def test_errors():
    with pytest.raises(ValueError, match="beta must"):
        merge_units(make_tower(), beta=-0.1)
    with pytest.raises(ValueError, match="got a LayerNorm"):
        merge_units(make_tower(layer_norm=True), beta=0.1)
