"""Sums of products of two tensors, as a product of matrices.

onnxruntime 1.32 divides by zero in its own ``Einsum`` where a batch has no rows, which
ends the process; its ``MatMul`` does not, and is what ``Einsum`` comes down to.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from onnxscript import opset18

__all__ = ["MatrixPlan", "einsum", "plan_matrices"]

op: Any = opset18  # its types are those of arrays, not of the names that are traced


class MatrixPlan(NamedTuple):
    """How to turn two tensors for a product of matrices, and the product back.

    Args:
        left: order of the axes of the first: shared ones, its own, the summed one.
        right: of the second: shared ones, the summed one, its own.
        output: of the product: shared ones, that of the first, that of the second.
    """

    left: list[int]
    right: list[int]
    output: list[int]


def plan_matrices(equation: str) -> MatrixPlan:
    """Find the product of matrices in an equation.

    Examples:
        >>> plan_matrices("bqhd,bthd->bhqt")
        MatrixPlan(left=[0, 2, 1, 3], right=[0, 2, 3, 1], output=[0, 1, 2, 3])

    Args:
        equation: of ``torch.einsum``, of two tensors.

    Returns:
        The plan.

    Raises:
        ValueError: unless one axis is summed and each tensor has one of its own.
    """
    inputs, _, output = equation.replace(" ", "").partition("->")
    left, _, right = inputs.partition(",")
    shared = [axis for axis in left if axis in right and axis in output]
    summed = [axis for axis in left if axis in right and axis not in output]
    own = [axis for axis in left if axis not in right]
    others = [axis for axis in right if axis not in left]
    if any(len(axes) != 1 for axes in (summed, own, others)):
        message = f"equation must be a product of matrices, got {equation!r}."
        raise ValueError(message)
    product = [*shared, *own, *others]
    return MatrixPlan(
        left=[left.index(axis) for axis in (*shared, *own, *summed)],
        right=[right.index(axis) for axis in (*shared, *summed, *others)],
        output=[product.index(axis) for axis in output],
    )


def einsum(equation: str, operands: Sequence[Any], path: Any = None) -> Any:  # noqa: ANN401, ARG001  values of onnxscript
    """Write ``torch.einsum`` of two tensors in the words of ONNX.

    Args:
        equation: which axes are multiplied and summed.
        operands: the two tensors.
        path: an order of more products; there is one.

    Returns:
        The product.
    """
    plan = plan_matrices(equation)
    left, right = operands
    product = op.MatMul(
        op.Transpose(left, perm=plan.left), op.Transpose(right, perm=plan.right)
    )
    return op.Transpose(product, perm=plan.output)
