"""Attention over the edges of a graph: by hand, and as a dense matrix."""

import math

import pytest
import torch
import torch.nn.functional as F

from fieldwise.selection.graph_attention import GraphAttention


def graph(num_nodes, num_edges, seed=0):
    """Random edges, and one from each node to itself."""
    generator = torch.Generator().manual_seed(seed)
    adjacent = torch.eye(num_nodes, dtype=torch.bool)
    places = torch.randint(num_nodes, (2, num_edges), generator=generator)
    adjacent[places[0], places[1]] = True
    targets, sources = adjacent.nonzero(as_tuple=True)
    return adjacent, sources, targets


def test_two_nodes_by_hand():
    layer = GraphAttention(1, 1)
    with torch.no_grad():
        layer.weight.fill_(2.0)
        layer.to_source.fill_(1.0)
        layer.to_target.fill_(-3.0)

    # z = 2, 4. Node 0 attends to itself: 2 - 6 = -4, times 0.2: -0.8; to node 1:
    # 4 - 6 = -2, -0.4. Its share of node 1 is 1 / (1 + exp(-0.4)).
    result, attention = layer(
        torch.tensor([[1.0], [2.0]]), torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1])
    )

    share = 1 / (1 + math.exp(-0.4))
    torch.testing.assert_close(
        attention.flatten(), torch.tensor([1 - share, share, 1.0])
    )
    torch.testing.assert_close(
        result.flatten(), torch.tensor([2 * (1 - share) + 4 * share, 4.0])
    )


def test_equals_a_masked_matrix():
    torch.manual_seed(0)
    layer = GraphAttention(5, 3, num_heads=2).double()
    nodes = torch.randn(12, 5, dtype=torch.float64)
    adjacent, sources, targets = graph(12, 30)

    result, attention = layer(nodes, sources, targets)

    for head in range(2):
        z = nodes @ layer.weight[:, head]
        said, heard = z @ layer.to_source[head], z @ layer.to_target[head]
        logits = F.leaky_relu(heard[:, None] + said, 0.2)
        dense = logits.masked_fill(~adjacent, -torch.inf).softmax(1)
        torch.testing.assert_close(result[:, head], dense @ z)
        torch.testing.assert_close(attention[:, head], dense[targets, sources])


def test_attention_of_a_node_adds_up_to_one():
    layer = GraphAttention(5, 3, num_heads=2)
    _, sources, targets = graph(12, 30)

    _, attention = layer(100 * torch.randn(12, 5), sources, targets)

    sums = torch.zeros(12, 2).index_add_(0, targets, attention)
    torch.testing.assert_close(sums, torch.ones(12, 2))


def test_nodes_in_another_order():
    layer = GraphAttention(5, 3)
    nodes = torch.randn(9, 5)
    _, sources, targets = graph(9, 20)
    order = torch.randperm(9)
    place = order.argsort()

    result, _ = layer(nodes, sources, targets)
    turned, _ = layer(nodes[order], place[sources], place[targets])

    torch.testing.assert_close(turned, result[order])


def test_every_parameter_gets_a_gradient():
    layer = GraphAttention(5, 3, num_heads=2)
    _, sources, targets = graph(9, 20)

    layer(torch.randn(9, 5), sources, targets)[0].square().sum().backward()

    assert all(
        p.grad is not None and p.grad.abs().sum() > 0 for p in layer.parameters()
    )


@pytest.mark.parametrize("size", ["in_features", "out_features", "num_heads"])
def test_sizes_are_positive(size):
    sizes = {"in_features": 2, "out_features": 2, "num_heads": 2} | {size: 0}

    with pytest.raises(ValueError, match=f"{size} must be positive, got 0"):
        GraphAttention(sizes.pop("in_features"), sizes.pop("out_features"), **sizes)
