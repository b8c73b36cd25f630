"""Batches on their way to the device, one ahead of the computation.

While a GPU computes on one batch, the next is copied from page-locked memory on a
stream of its own. The host waits for neither.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import TypeVar

import torch
from torch import Tensor

from fieldwise.batch import Batch

__all__ = ["batches_on", "one_ahead"]

Started = TypeVar("Started")
Item = TypeVar("Item")
Done = TypeVar("Done")


def batches_on(device: torch.device, batches: Iterable[Batch]) -> Iterator[Batch]:
    """Bring batches to a device.

    On a GPU the copy of a batch overlaps with what is computed on the one before it.

    Args:
        device: where to.
        batches: on the host.

    Returns:
        The batches on the device, in order.
    """
    if device.type == "cpu":
        return iter(batches)
    if device.type != "cuda":
        return (batch.to(device) for batch in batches)
    copies = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    def start(batch: Batch) -> Batch:
        with torch.cuda.stream(copies):
            return _each_tensor(batch, lambda part: _copy(part, device))

    def finish(batch: Batch) -> Batch:
        computing = torch.cuda.current_stream(device)
        computing.wait_stream(copies)
        # Or the memory could be given to the next copy while it is still read.
        return _each_tensor(batch, lambda part: _used_on(computing, part))

    return one_ahead(batches, start, finish)


def one_ahead(
    items: Iterable[Item],
    start: Callable[[Item], Started],
    finish: Callable[[Started], Done],
) -> Iterator[Done]:
    """Start on an item before the one before it is handed out.

    Examples:
        >>> list(one_ahead([1, 2, 3], float, str))
        ['1.0', '2.0', '3.0']

    Args:
        items: in order.
        start: begins, and does not wait for the end.
        finish: makes what was started ready for use.

    Yields:
        What ``finish`` returned, in order.
    """
    ready: list[Done] = []
    for item in items:
        started = start(item)
        if ready:
            yield ready.pop()
        ready.append(finish(started))
    yield from ready


def _copy(tensor: Tensor, device: torch.device) -> Tensor:
    # An empty tensor has no memory to lock.
    host = tensor.pin_memory() if tensor.numel() else tensor
    return host.to(device, non_blocking=True)


def _used_on(stream: torch.cuda.Stream, tensor: Tensor) -> Tensor:
    tensor.record_stream(stream)
    return tensor


def _each_tensor(batch: Batch, change: Callable[[Tensor], Tensor]) -> Batch:
    changed: dict[str, Tensor | tuple[Tensor, ...]] = {}
    for slot in fields(batch):
        value = getattr(batch, slot.name)
        if isinstance(value, Tensor):
            changed[slot.name] = change(value)
        elif isinstance(value, tuple):
            changed[slot.name] = tuple(change(part) for part in value)
    return replace(batch, **changed)  # type: ignore[arg-type]
