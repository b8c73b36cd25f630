"""Ragged lists: the last items of each, as a loop would take them."""

import numpy as np
import pytest

from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.sequence_nodes import add_bags, join_bags
from tests.serving.export.conftest import run_graph

MISSING = 99


def run(lists, output, *, max_length=2):
    graph = GraphBuilder(["items", "lengths"])
    bags = add_bags(graph, "items", "lengths", max_length=max_length, missing=MISSING)
    items, ends = join_bags(graph, [bags, bags])
    feeds = {
        "items": np.array([item for row in lists for item in row], dtype=np.int64),
        "lengths": np.array([len(row) for row in lists], dtype=np.int64),
    }
    return run_graph(graph, feeds, {"items": items, "ends": ends}[output]).tolist()


@pytest.mark.parametrize(
    "lists",
    [
        [[1, 2, 3], [], [4], [5, 6]],
        [[], []],
        [[7]],
        [],
        [[1] * 50, [], [2, 3]],
    ],
)
@pytest.mark.parametrize("max_length", [1, 2, 60])
def test_bags_are_those_of_a_loop(lists, max_length):
    bags = [row[-max_length:] or [MISSING] for row in lists] * 2
    ends = [0]
    for bag in bags:
        ends.append(ends[-1] + len(bag))

    found = run(lists, "items", max_length=max_length)

    assert found == [item for bag in bags for item in bag]
    assert run(lists, "ends", max_length=max_length) == ends
