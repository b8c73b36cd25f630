"""Ragged lists as ONNX nodes: the last items of each, one null where there is none."""

from typing import NamedTuple

import numpy as np

from fieldwise.serving.export.graph import GraphBuilder

__all__ = ["Bags", "add_bags", "join_bags"]


class Bags(NamedTuple):
    """Names of the bags of some lists.

    Args:
        items: rows of the shared table, int64, one bag after the other.
        sizes: items of each bag, int64, at least 1.
    """

    items: str
    sizes: str


def add_bags(
    graph: GraphBuilder, rows: str, lengths: str, *, max_length: int, missing: int
) -> Bags:
    """Keep what counts of the lists of a sequence field.

    Args:
        graph: gets the nodes.
        rows: name of the rows of all items, int64, ``(item,)``.
        lengths: name of the number of items of each list, int64, ``(batch,)``.
        max_length: how many of the last items count.
        missing: row of a null, which an empty list holds.

    Returns:
        Their bags.
    """

    def whole(number: int) -> str:
        return graph.constant(np.int64(number))

    axis_0, axis_1 = (graph.constant(np.array([x], dtype=np.int64)) for x in (0, 1))
    ends = graph.node("CumSum", lengths, whole(0))
    kept = graph.node("Min", lengths, whole(max_length))
    sizes = graph.node("Max", kept, whole(1))
    # The null that empty lists hold stands behind all items.
    null = graph.constant(np.array([missing], dtype=np.int64))
    padded = graph.node("Concat", rows, null, axis=0)
    num_items = graph.node("Size", rows)
    is_empty = graph.node("Less", lengths, whole(1))
    starts = graph.node("Where", is_empty, num_items, graph.node("Sub", ends, kept))
    # ``starts`` and 0, 1, 2, ... beside each other, as far as each bag goes.
    longest = graph.node(
        "ReduceMax", graph.node("Concat", sizes, axis_1, axis=0), keepdims=0
    )
    steps = graph.node(
        "Unsqueeze", graph.node("Range", whole(0), longest, whole(1)), axis_0
    )
    columns = graph.node("Unsqueeze", starts, axis_1)
    is_inside = graph.node("Less", steps, graph.node("Unsqueeze", sizes, axis_1))
    places = graph.node("Compress", graph.node("Add", columns, steps), is_inside)
    return Bags(graph.node("Gather", padded, places), sizes)


def join_bags(graph: GraphBuilder, bags: list[Bags]) -> tuple[str, str]:
    """Put the bags of several fields one after the other, as a ``Batch`` has them.

    Args:
        graph: gets the nodes.
        bags: of each field.

    Returns:
        Names of the items and of the offsets, int64.
    """
    items = graph.node("Concat", *(own.items for own in bags), axis=0)
    zero = graph.constant(np.array([0], dtype=np.int64))
    sizes = graph.node("Concat", zero, *(own.sizes for own in bags), axis=0)
    return items, graph.node("CumSum", sizes, graph.constant(np.int64(0)))
