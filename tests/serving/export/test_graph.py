"""Nodes under names that never collide."""

import numpy as np
import onnx

from fieldwise.serving.export.graph import GraphBuilder
from tests.serving.export.conftest import run_graph


def test_nodes_run_in_the_order_they_were_added():
    graph = GraphBuilder(["x"])
    two = graph.constant(np.array([2.0]))

    end = graph.node("Add", graph.node("Mul", "x", two), two)

    # 3 * 2 + 2
    assert run_graph(graph, {"x": np.array([3.0, 0.0])}, end).tolist() == [8.0, 2.0]


def test_vectors_beside_each_other():
    graph = GraphBuilder(["a", "b"])
    end = graph.join_columns(["a", "b"])

    feeds = {"a": np.array([1, 2]), "b": np.array([3, 4])}

    assert run_graph(graph, feeds, end).tolist() == [[1, 3], [2, 4]]


def test_names_that_are_taken_stay_free():
    taken = [f"/{word}_{place}" for word in ("Abs", "constant") for place in range(5)]
    graph = GraphBuilder(["x", *taken])

    made = [
        graph.node("Abs", "x"),
        graph.constant(np.float32(1)),
        graph.node("Abs", "x"),
    ]

    assert not {*made} & {*taken}
    assert len({*made}) == 3


def test_equal_constants_are_stored_once():
    graph = GraphBuilder([])
    one = graph.constant(np.array([1], dtype=np.int64))

    assert graph.constant(np.array([1], dtype=np.int64)) == one
    others = [np.array([1.0]), np.array([[1]]), np.array([0], dtype=np.int64)]
    assert len({one, *map(graph.constant, others)}) == 4


def test_domain_and_attributes():
    graph = GraphBuilder([])

    graph.node("ai.onnx.ml:Binarizer", "x", threshold=2.0)
    graph.cast("x", onnx.TensorProto.INT64)

    assert (graph.nodes[0].domain, graph.nodes[0].op_type) == (
        "ai.onnx.ml",
        "Binarizer",
    )
    assert graph.nodes[0].attribute[0].f == 2.0
    assert graph.nodes[1].attribute[0].i == onnx.TensorProto.INT64
