"""A graph of ONNX nodes that grows one node at a time."""

from typing import Any, final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

__all__ = ["GraphBuilder"]


@final
class GraphBuilder:
    """Collects nodes and constants under names that never collide.

    A tensor is known by its name, so what one call returns is what the next one takes.
    A domain (such as ``ai.onnx.ml``) is written before the operator, with a colon.

    Examples:
        >>> graph = GraphBuilder(["x"])
        >>> graph.node("Add", "x", graph.constant(np.float32(1)))
        '/Add_1'
        >>> [node.op_type for node in graph.nodes]
        ['Add']

    Args:
        taken: names that stand for something else already.

    Attributes:
        nodes: in the order they were added, which is one they can run in.
        constants: tensors that never change.
    """

    def __init__(self, taken: list[str]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._taken = set(taken)
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401  what ONNX allows
        """Add a node with one output.

        Args:
            operator: for example ``Add`` or ``ai.onnx.ml:LabelEncoder``.
            *inputs: names of tensors.
            **attributes: of the operator.

        Returns:
            Name of the output.
        """
        return self.name_last(self._new_name(operator), operator, *inputs, **attributes)

    def name_last(
        self,
        output: str,
        operator: str,
        *inputs: str,
        **attributes: Any,  # noqa: ANN401  what ONNX allows
    ) -> str:
        """Add a node whose output has a name that others know.

        Args:
            output: the name.
            operator: as in ``node``.
            *inputs: names of tensors.
            **attributes: of the operator.

        Returns:
            The name of the output.
        """
        domain, _, kind = operator.rpartition(":")
        self.nodes.append(
            helper.make_node(
                kind, list(inputs), [output], name=output, domain=domain, **attributes
            )
        )
        return output

    def constant(self, values: NDArray[Any] | np.generic) -> str:
        """Add a tensor that never changes; equal ones are stored once.

        Args:
            values: of the type the tensor shall have.

        Returns:
            Name of the tensor.
        """
        array = np.asarray(values)
        key = str(array.dtype), array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = self._new_name("constant")
            tensor = numpy_helper.from_array(array, self._known[key])
            self.constants.append(tensor)
        return self._known[key]

    def cast(self, tensor: str, kind: int) -> str:
        """Convert a tensor.

        Args:
            tensor: its name.
            kind: of ``onnx.TensorProto``.

        Returns:
            Name of the result.
        """
        return self.node("Cast", tensor, to=kind)

    def join_columns(self, tensors: list[str]) -> str:
        """Put vectors beside each other.

        Args:
            tensors: names of at least one vector, ``(batch,)`` each.

        Returns:
            Name of the matrix, ``(batch, len(tensors))``.
        """
        axis = self.constant(np.array([1], dtype=np.int64))
        columns = [self.node("Unsqueeze", tensor, axis) for tensor in tensors]
        return self.node("Concat", *columns, axis=1)

    def _new_name(self, word: str) -> str:
        base = f"/{word.rpartition(':')[2]}"
        number = len(self.nodes) + len(self.constants)
        while (name := f"{base}_{number}") in self._taken:
            number += 1
        self._taken.add(name)
        return name
