"""Logits of encoded rows: the one loop behind validation, prediction and evaluation."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.batch import Batch

__all__ = ["score_batches"]


def score_batches(
    model: nn.Module,
    batches: Iterable[Batch],
    *,
    progress: Callable[[int], None] | None = None,
) -> NDArray[np.float64]:
    """Score all rows, in float32 and without gradients.

    The model runs in eval mode on the device its parameters are on; every one of its
    modules is afterwards in the mode it was in before.

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
        progress: called after each batch with the number of its rows.

    Returns:
        Logits, ``(row,)`` or ``(row, task)`` as the model gives them; an array of
        shape ``(0,)`` where there is no batch.
    """
    device = _device_of(model)
    parts: list[Tensor] = []
    with _eval_mode(model), torch.inference_mode():
        for batch in batches:
            moved = batch if device.type == "cpu" else batch.to(device)
            parts.append(model(moved))
            if progress is not None:
                progress(len(batch))
        if not parts:
            return np.empty(0, dtype=np.float64)
        # One copy at the end: a copy per batch would make the device wait each time.
        return torch.cat(parts).cpu().double().numpy()


def _device_of(model: nn.Module) -> torch.device:
    for tensor in (*model.parameters(), *model.buffers()):
        return tensor.device
    return torch.device("cpu")


@contextmanager
def _eval_mode(model: nn.Module) -> Iterator[None]:
    # Module by module: a part that was frozen in eval mode must stay there.
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
