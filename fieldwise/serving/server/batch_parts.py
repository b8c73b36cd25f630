"""A batch in parts of about equal size, for threads that share the work on it.

Threads that compute one product together wait for each other at its end, and all of
them for the one that had to share its core. Parts of rows have nothing to wait for.
"""

from itertools import pairwise

import torch

from fieldwise.batch import Batch

__all__ = ["split_batch"]


def split_batch(batch: Batch, num_parts: int) -> list[Batch]:
    """Divide the rows of a batch.

    Args:
        batch: without labels, weights and groups.
        num_parts: at most one per row.

    Returns:
        The parts, in the order of the rows; their tensors share the batch's memory
        where they can.
    """
    if num_parts == 1:
        return [batch]
    ends = [len(batch) * part // num_parts for part in range(num_parts + 1)]
    return [_part(batch, start, end) for start, end in pairwise(ends)]


def _part(batch: Batch, start: int, end: int) -> Batch:
    items = [torch.empty(0, dtype=torch.int32)]
    lengths = [torch.zeros(1, dtype=torch.int32)]
    for first in range(0, len(batch.sequence_offsets) - 1, len(batch)):
        bags = batch.sequence_offsets[first + start : first + end + 1]
        items.append(batch.sequence_indices[bags[0] : bags[-1]])
        lengths.append(bags.diff())
    return Batch(
        indices=batch.indices[start:end],
        numbers=batch.numbers[start:end],
        sequence_indices=torch.cat(items),
        sequence_offsets=torch.cat(lengths).cumsum(0).int(),
        vectors=tuple(vector[start:end] for vector in batch.vectors),
    )
