"""CrossedTower: what the tower reads, and what the head reads."""

import jaxtyping
import pytest
import torch

from fieldwise.nn.crossed_tower import CrossedTower


@pytest.fixture
def by_hand():
    """A function: structure to a tower of one neuron, 2 relu(a - b), on two inputs."""

    def make(structure):
        tower = CrossedTower(2, hidden_dims=(1,), structure=structure)
        with torch.no_grad():
            tower.deep.layers[0].weight.copy_(torch.tensor([[1.0, -1.0]]))
            tower.head.linear.bias.fill_(0.5)
            tower.head.linear.weight.fill_(1.0)
            tower.head.linear.weight[:, -1] = 2.0
        return tower

    return make


def test_parallel_by_hand(by_hand):
    logits = by_hand("parallel")(torch.tensor([[5.0, 1.0]]), torch.tensor([[3.0, 2.0]]))

    # 3 + 2 of the crosses, 2 (5 - 1) of the tower on the embeddings, bias .5
    assert logits.tolist() == [13.5]


def test_stacked_by_hand(by_hand):
    logits = by_hand("stacked")(torch.tensor([[5.0, 1.0]]), torch.tensor([[3.0, 2.0]]))

    # 2 (3 - 2) of the tower on the crosses, bias .5; embeddings are not seen
    assert logits.tolist() == [2.5]


@pytest.mark.parametrize("structure", ["parallel", "stacked"])
@pytest.mark.parametrize("num_rows", [0, 1, 5])
def test_any_number_of_rows_and_tasks(structure, num_rows):
    x = torch.ones(num_rows, 4)
    settings = {"hidden_dims": (3,), "structure": structure, "batch_norm": True}

    assert CrossedTower(4, **settings)(x, x).shape == (num_rows,)
    assert CrossedTower(4, **settings, num_tasks=2)(x, x).shape == (num_rows, 2)


def test_dropout_and_normalisation_are_those_of_the_tower():
    tower = CrossedTower(4, hidden_dims=(3,), dropout=0.5, batch_norm=True)

    names = [type(layer).__name__ for layer in tower.deep.layers]

    assert names == ["Linear", "BatchNorm", "ReLU", "Dropout"]


def test_unknown_structure_is_refused(monkeypatch):
    # Where shapes and types are checked, the type would speak first.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    with pytest.raises(ValueError, match="structure must be one of 'parallel', 'stack"):
        CrossedTower(4, hidden_dims=(3,), structure="beside")
