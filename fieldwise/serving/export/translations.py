"""Operators of PyTorch in the words of ONNX, where its own words do not do.

What PyTorch writes for ``embedding_bag`` is a loop over the bags whose types do not
check; for ``searchsorted`` it has no words.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from onnx import TensorProto, numpy_helper
from onnxscript import opset18

from fieldwise.serving.export.einsum import einsum

__all__ = ["TRANSLATIONS"]

op: Any = opset18  # its types are those of arrays, not of the names that are traced

_MEAN = 1
_INT64 = np.iinfo(np.int64)


def _embedding_bag(
    weight: Any,  # noqa: ANN401  a value of onnxscript, as all below
    indices: Any,  # noqa: ANN401
    offsets: Any,  # noqa: ANN401
    scale_grad_by_freq: bool = False,  # noqa: ARG001  about gradients
    mode: int = 0,
    sparse: bool = False,  # noqa: ARG001  about gradients
    per_sample_weights: Any = None,  # noqa: ANN401
    include_last_offset: bool = False,
    padding_idx: Any = None,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Look all bags up at once, padded to the longest of the batch."""
    extras = (per_sample_weights, padding_idx)
    if mode != _MEAN or not include_last_offset or any(x is not None for x in extras):
        message = (
            "embedding_bag must take means and have the offset of the last end, no "
            f"weights and no padding, got mode {mode} or others."
        )
        raise ValueError(message)
    ends = op.Slice(offsets, [1], [_INT64.max], [0])
    starts = op.Slice(offsets, [0], [-1], [0])
    sizes = op.Sub(ends, starts)
    one = op.Constant(value_ints=[1])
    # A batch of no rows has no longest bag.
    longest = op.ReduceMax(op.Concat(sizes, one, axis=0), keepdims=False)
    steps = op.Range(op.Constant(value_int=0), longest, op.Constant(value_int=1))
    is_inside = op.Less(op.Unsqueeze(steps, [0]), op.Unsqueeze(sizes, [1]))
    # Places beyond the end of a bag look up some row, which counts nothing.
    padded = op.Concat(indices, op.Constant(value_ints=[0]), axis=0)
    places = op.Add(op.Unsqueeze(starts, [1]), op.Unsqueeze(steps, [0]))
    places = op.Where(is_inside, places, op.Size(indices))
    rows = op.Gather(weight, op.Gather(padded, places))
    zero = op.Constant(value_float=0.0)
    kept = op.Where(op.Unsqueeze(is_inside, [2]), rows, zero)
    counts = op.Cast(op.Max(sizes, one), to=TensorProto.FLOAT)
    means = op.Div(op.ReduceSum(kept, [1], keepdims=False), op.Unsqueeze(counts, [1]))
    # Nothing reads the three others, which are for gradients.
    return means, op.Identity(sizes), op.Identity(sizes), op.Identity(sizes)


def _searchsorted(
    sorted_sequence: Any,  # noqa: ANN401
    values: Any,  # noqa: ANN401
    out_int32: bool = False,  # noqa: ARG001  nobody asks for it
    right: bool = False,
    side: Any = None,  # noqa: ANN401, ARG001  the same as ``right``
    sorter: Any = None,  # noqa: ANN401, ARG001  nobody has one
) -> Any:  # noqa: ANN401
    """Halve the sequence in a fixed number of steps: a count of what is passed."""
    size = int(sorted_sequence.shape[0])
    num_steps = size.bit_length()
    # Padded to one below a power of two; what is padded never counts, see the end.
    is_float = sorted_sequence.dtype.is_floating_point()
    highest = np.inf if is_float else _INT64.max
    padding = np.full(
        2**num_steps - 1 - size, highest, dtype=sorted_sequence.dtype.numpy()
    )
    padded = op.Concat(
        sorted_sequence, op.Constant(value=numpy_helper.from_array(padding)), axis=0
    )
    passes = op.GreaterOrEqual if right else op.Greater
    count = op.Expand(op.Constant(value_int=0), op.Shape(values))
    for step in reversed(range(num_steps)):
        width = 2**step
        # The last of the next ``width`` entries: are they all passed?
        last = op.Gather(padded, op.Add(count, op.Constant(value_int=width - 1)))
        more = op.Add(count, op.Constant(value_int=width))
        count = op.Where(passes(values, last), more, count)
    return op.Min(count, op.Constant(value_int=size))


TRANSLATIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.ops.aten.embedding_bag.padding_idx: _embedding_bag,
    torch.ops.aten.searchsorted.Tensor: _searchsorted,
    torch.ops.aten.einsum.default: einsum,
}
"""How operators are translated, where PyTorch's own way does not do."""
