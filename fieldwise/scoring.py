"""Logits of encoded rows: the one loop behind validation, prediction and evaluation."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise._checks import check_choice
from fieldwise.batch import Batch
from fieldwise.nn.arithmetic import products_by
from fieldwise.nn.fastest_products import fastest_products
from fieldwise.nn.kept_memory import kept_memory
from fieldwise.nn.precision import PRECISIONS, autocast, choose_precision
from fieldwise.nn.transfer import batches_on

__all__ = ["eval_mode", "score_batches"]

MIN_BULK_ROWS = 256
"""Of the first batch; fewer rows are scored before anything has been set up."""


def score_batches(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    precision: str = "float32",
    progress: Callable[[int], None] | None = None,
) -> NDArray[np.float64]:
    """Score all rows, without gradients.

    The model runs in eval mode on the device its parameters are on; every one of its
    modules is afterwards in the mode it was in before. On a CPU large batches go
    through the fastest library for products (``fastest_products``), whose float32
    logits differ from others in the last digits.

    Examples:
        >>> class FirstIndex(nn.Module):
        ...     def forward(self, batch):
        ...         return batch.indices[:, 0].float()
        >>> batch = Batch(
        ...     indices=torch.tensor([[3], [5]], dtype=torch.int32),
        ...     numbers=torch.empty(2, 0),
        ...     sequence_indices=torch.empty(0, dtype=torch.int32),
        ...     sequence_offsets=torch.zeros(1, dtype=torch.int32),
        ... )
        >>> score_batches(FirstIndex(), [batch, batch]).tolist()
        [3.0, 5.0, 3.0, 5.0]

    Args:
        model: returns one logit per row, or one per row and task.
        batches: the rows, in order.
        precision: ``bf16`` computes layers in bfloat16, several times faster where
            the hardware has instructions for it; ``auto`` does so where it is faster,
            which for a few rows it is not.
        progress: called after each batch with the number of its rows.

    Returns:
        Logits, ``(row,)`` or ``(row, task)`` as the model gives them; an array of
        shape ``(0,)`` where there is no batch.

    Raises:
        ValueError: if there is no such precision, or bfloat16 was asked for and the
            device does not have it.
    """
    device = _device_of(model)
    check_choice("precision", precision, PRECISIONS)
    parts: list[Tensor] = []
    with eval_mode(model), torch.inference_mode(), ExitStack() as blocks:
        iterator = iter(batches)
        for first in iterator:
            _set_up(blocks, device, precision, num_rows=len(first))
            for batch in batches_on(device, chain((first,), iterator)):
                parts.append(model(batch))
                if progress is not None:
                    progress(len(batch))
        if not parts:
            return np.empty(0, dtype=np.float64)
        # One copy at the end: a copy per batch would make the device wait each time.
        return torch.cat(parts).cpu().double().numpy()


def _set_up(
    blocks: ExitStack, device: torch.device, precision: str, *, num_rows: int
) -> None:
    """Choose how to compute, by the size of the first batch."""
    is_bulk = num_rows >= MIN_BULK_ROWS
    if device.type == "cpu" and not is_bulk and precision == "auto":
        # Turning the weights into bfloat16 takes longer than a few rows do.
        precision = "float32"
    chosen = choose_precision(precision, device.type)
    if device.type == "cpu" and is_bulk:
        blocks.enter_context(products_by(fastest_products().backend))
        blocks.enter_context(kept_memory())
    # Not every kind of device knows autocast, to turn it off.
    if chosen != "float32" or torch.is_autocast_enabled(device.type):
        blocks.enter_context(autocast(chosen, device.type))


def _device_of(model: nn.Module) -> torch.device:
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return torch.device("cpu")


@contextmanager
def eval_mode(model: nn.Module) -> Iterator[None]:
    """Keep a model in eval mode, and leave it as it was.

    Args:
        model: every one of its modules is afterwards in the mode it was in before.

    Yields:
        Nothing.
    """
    # Module by module: a part that was frozen in eval mode must stay there.
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
