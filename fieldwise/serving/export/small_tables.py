"""Tables in fewer bits inside an ONNX graph: looked up first, restored then."""

from collections.abc import Mapping, Sequence

import onnx
from onnx import TensorProto, helper, numpy_helper

from fieldwise.serving.export.model_graph import PREFIX
from fieldwise.serving.export.quantising import SmallTable

__all__ = ["store_small"]


def store_small(graph: onnx.GraphProto, tables: Mapping[str, SmallTable]) -> list[str]:
    """Let a graph hold its tables in fewer bits.

    Rows are looked up first and restored then, so a batch restores its own rows only. A
    table that is read in another way than row by row stays as it is.

    Args:
        graph: of the model; it is changed.
        tables: by name of their parameter.

    Returns:
        Names of the parameters that are stored so.
    """
    stored = []
    for name, small in tables.items():
        tensor = f"{PREFIX}model.{name}"
        readers = [node for node in graph.node if tensor in node.input]
        is_looked_up = all(
            node.op_type == "Gather"
            and node.input[0] == tensor
            and all(item.i == 0 for item in node.attribute if item.name == "axis")
            for node in readers
        )
        if readers and is_looked_up:
            _replace(graph, tensor, small, readers)
            stored.append(name)
    return stored


def _replace(
    graph: onnx.GraphProto,
    tensor: str,
    small: SmallTable,
    readers: Sequence[onnx.NodeProto],
) -> None:
    names = [item.name for item in graph.initializer]
    del graph.initializer[names.index(tensor)]
    graph.initializer.append(numpy_helper.from_array(small.numbers, tensor))
    scales = f"{tensor}.scales"
    if small.scales is not None:
        graph.initializer.append(numpy_helper.from_array(small.scales, scales))
    for node in readers:
        output, rows = node.output[0], node.input[1]
        node.output[0] = f"{output}/small"
        place = list(graph.node).index(node) + 1
        wide = output if small.scales is None else f"{output}/wide"
        added = [
            helper.make_node(
                "Cast", [node.output[0]], [wide], name=wide, to=TensorProto.FLOAT
            )
        ]
        if small.scales is not None:
            own = f"{output}/scales"
            added += [
                helper.make_node("Gather", [scales, rows], [own], name=own, axis=0),
                helper.make_node("Mul", [wide, own], [output], name=output),
            ]
        for offset, each in enumerate(added):
            graph.node.insert(place + offset, each)
