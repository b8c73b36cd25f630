"""Numbers as ONNX nodes: buckets and standardised numbers, in float64.

The reference is ``fieldwise.data.numbers``. Borders of buckets agree to the last bit,
since every border is found with the reference itself and then only compared.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray

from fieldwise.data.numbers import LARGEST_CODE, bucket, log_square_code
from fieldwise.schema import NumericField
from fieldwise.serving.export.graph import GraphBuilder

__all__ = ["add_bucket", "add_numbers", "log_square_borders"]

LARGEST_BORDER = 2.0**32
"""More than the border of the largest code."""
NUM_HALVINGS = 90
"""More than 2 ** 32 can be halved until two numbers of 64 bits are neighbours."""

Floats = NDArray[np.float64]


def log_square_borders() -> Floats:
    """The smallest number of each code of ``log_square_code`` but the lowest.

    Returns:
        Borders in rising order, ``(2 * 258,)``: the code of a number is -258 and the
        count of the borders it has reached.
    """
    codes = np.arange(1 - LARGEST_CODE, LARGEST_CODE + 1)
    # Codes up to 2 are whole numbers. Beyond, the numbers in between are halved until
    # the two ends are neighbours in float64.
    low, high = np.full(len(codes), 2.0), np.full(len(codes), LARGEST_BORDER)
    for _ in range(NUM_HALVINGS):
        middle = (low + high) / 2
        is_reached = log_square_code(middle) >= codes
        high = np.where(is_reached, middle, high)
        low = np.where(is_reached, low, middle)
    return np.where(codes <= 2, codes.astype(np.float64), high)


def add_bucket(
    graph: GraphBuilder, numbers: str, field: NumericField, offset: int
) -> str:
    """Find the buckets of a bucketed field.

    Args:
        graph: gets the nodes.
        numbers: name of the input, float64, ``(batch,)``.
        field: the fitted field.
        offset: first row of the field in the shared table.

    Returns:
        Name of the rows of the shared table, int64, ``(batch,)``.
    """
    if field.encoding == "log_square":
        borders = log_square_borders()
    else:
        borders = np.asarray(field.edges, dtype=np.float64)
    # What the reference says of one number of each bucket, and of a missing one.
    examples = np.concatenate([[-np.inf], borders, [np.nan]])
    *rows, missing = (offset + bucket(field, examples).astype(np.int64)).tolist()
    # A border between two buckets of one row, as of codes nobody had, is none.
    is_border = np.diff(rows) != 0
    count = _count_reached(graph, numbers, borders[is_border])
    table = graph.constant(np.array(rows, dtype=np.int64)[np.append(True, is_border)])
    found = graph.node("Gather", table, count)
    is_null = graph.node("IsNaN", numbers)
    return graph.node("Where", is_null, graph.constant(np.int64(missing)), found)


def _count_reached(graph: GraphBuilder, numbers: str, borders: Floats) -> str:
    axis = graph.constant(np.array([1], dtype=np.int64))
    column = graph.node("Unsqueeze", numbers, axis)
    bars = graph.constant(borders[np.newaxis])
    is_reached = graph.node("GreaterOrEqual", column, bars)
    ones = graph.cast(is_reached, onnx.TensorProto.INT64)
    return graph.node("ReduceSum", ones, axis, keepdims=0)


def add_numbers(
    graph: GraphBuilder, numbers: Sequence[str], fields: Sequence[NumericField]
) -> str:
    """Standardise the fields that reach the model as numbers.

    Args:
        graph: gets the nodes.
        numbers: names of the inputs, float64, ``(batch,)`` each.
        fields: the fitted fields.

    Returns:
        Name of the numbers, float32, ``(batch, field)``; NaN is missing.
    """

    def row(values: list[float]) -> str:
        return graph.constant(np.array([values], dtype=np.float64))

    raw = graph.join_columns(list(numbers))
    lows = [-np.inf if field.low is None else field.low for field in fields]
    highs = [np.inf if field.high is None else field.high for field in fields]
    clipped = graph.node("Max", graph.node("Min", raw, row(highs)), row(lows))
    squashed = _squash(graph, clipped)
    centered = graph.node("Sub", squashed, row([f.center or 0.0 for f in fields]))
    scaled = graph.node("Div", centered, row([f.scale or 1.0 for f in fields]))
    # A missing number is the mean where nothing was learned about them.
    missing = row([np.nan if field.has_nulls else 0.0 for field in fields])
    found = graph.node("Where", graph.node("IsNaN", raw), missing, scaled)
    return graph.cast(found, onnx.TensorProto.FLOAT)


def _squash(graph: GraphBuilder, numbers: str) -> str:
    """Give ``sign(x) * log(1 + |x|)``, exact for tiny numbers, too.

    Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section
    1.14.1: the rounding of ``1 + x`` cancels in ``log(1 + x) * x / ((1 + x) - 1)``.
    """
    size = graph.node("Abs", numbers)
    one = graph.constant(np.float64(1))
    sum_ = graph.node("Add", size, one)
    rounded = graph.node("Sub", sum_, one)
    is_tiny = graph.node("Equal", rounded, graph.constant(np.float64(0)))
    divisor = graph.node("Where", is_tiny, one, rounded)
    log = graph.node("Mul", graph.node("Log", sum_), graph.node("Div", size, divisor))
    log = graph.node("Where", is_tiny, size, log)
    return graph.node("Mul", graph.node("Sign", numbers), log)
