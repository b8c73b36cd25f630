"""Tables in fewer bits inside a graph."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from fieldwise.serving.export.model_graph import PREFIX
from fieldwise.serving.export.quantising import SmallTable
from fieldwise.serving.export.small_tables import store_small

NAME = "embedding.table"
TENSOR = f"{PREFIX}model.{NAME}"
TABLE = np.array([[1.0, -2.0], [0.5, 0.25], [8.0, 0.0]], dtype=np.float32)
SMALL = {
    "float16": SmallTable(TABLE.astype(np.float16), None),
    "int8": SmallTable(
        np.array([[2, -4], [2, 1], [1, 0]], dtype=np.int8),
        np.array([[0.5], [0.25], [8.0]], dtype=np.float32),
    ),
}


def graph_of(nodes):
    return helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("rows", TensorProto.INT64, [None, None])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [None] * 3)],
        [numpy_helper.from_array(TABLE, TENSOR)],
    )


@pytest.mark.parametrize("kind", SMALL)
def test_rows_are_restored_after_the_look_up(kind):
    first = helper.make_node("Gather", [TENSOR, "rows"], ["a"], axis=0)
    second = helper.make_node("Gather", [TENSOR, "rows"], ["b"])
    graph = graph_of([first, second, helper.make_node("Add", ["a", "b"], ["out"])])

    assert store_small(graph, {NAME: SMALL[kind]}) == [NAME]

    model = helper.make_model(
        graph, ir_version=10, opset_imports=[helper.make_opsetid("", 18)]
    )
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    rows = np.array([[2, 0], [1, 1]])
    (found,) = session.run(None, {"rows": rows})
    np.testing.assert_array_equal(found, 2 * TABLE[rows])
    stored = {
        item.name: numpy_helper.to_array(item).dtype for item in graph.initializer
    }
    assert stored[TENSOR] == SMALL[kind].numbers.dtype


def test_a_table_that_is_read_in_another_way_stays():
    graph = graph_of(
        [
            helper.make_node("Gather", [TENSOR, "rows"], ["a"], axis=0),
            helper.make_node("ReduceSum", [TENSOR], ["b"], keepdims=0),
            helper.make_node("Add", ["a", "b"], ["out"]),
        ]
    )
    before = graph.SerializeToString()

    assert store_small(graph, {NAME: SMALL["int8"]}) == []
    assert store_small(graph, {"another.table": SMALL["int8"]}) == []
    assert graph.SerializeToString() == before
