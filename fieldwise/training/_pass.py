"""The training rows of one epoch, batch by batch; it can go on where it stopped."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, final

import torch
from torch import Tensor

from fieldwise.batch import Batch
from fieldwise.nn.transfer import batches_on
from fieldwise.training._step import TrainingStep
from fieldwise.training.progress import TrainingProgress

__all__ = ["TrainingPass"]


@final
class TrainingPass:
    """Steps so far, and what they came to.

    Args:
        step: learns from a batch.

    Attributes:
        num_batches: learned from.
        num_rows: in them.
    """

    def __init__(self, step: TrainingStep) -> None:
        self.num_batches = 0
        self.num_rows = 0
        self._step = step
        device = step.fabric.device
        # float64 keeps a sum over many steps exact; Apple's GPUs have none.
        dtype = torch.float32 if device.type == "mps" else torch.float64
        self._total = torch.zeros((), dtype=dtype, device=device)
        self._seconds = 0.0

    def run(
        self,
        batches: Iterable[Batch],
        sizes: Iterable[int],
        progress: TrainingProgress,
        after_batch: Callable[[], None],
    ) -> None:
        """Take a step on each batch.

        Args:
            batches: the rows that are left, on the host.
            sizes: rows of each batch, those of other processes included.
            progress: hears of every batch.
            after_batch: called when a batch is counted.
        """
        device = self._step.fabric.device
        before, start = self._seconds, time.perf_counter()
        for batch, num_rows in zip(batches_on(device, batches), sizes, strict=True):
            loss = self._step(batch)
            self._total.add_(loss, alpha=num_rows)
            self.num_rows += num_rows
            self.num_batches += 1
            progress.advance(num_rows, loss)
            self._seconds = before + time.perf_counter() - start
            after_batch()

    @property
    def loss(self) -> float:
        """Mean over the batches, by their rows."""
        return float(self._total) / self.num_rows

    @property
    def rows_per_second(self) -> float:
        """Trained on."""
        return self.num_rows / max(self._seconds, 1e-9)

    def tensors(self) -> dict[str, Tensor]:
        """The sum of the losses, for a checkpoint."""
        return {"total": self._total}

    def to_dict(self) -> dict[str, Any]:
        """The rest of the state, as plain JSON types."""
        return {
            "num_batches": self.num_batches,
            "num_rows": self.num_rows,
            "seconds": self._seconds,
        }

    def adopt(self, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Go on with the pass of an earlier process.

        Args:
            tensors: what its ``tensors`` returned.
            state: what its ``to_dict`` returned.
        """
        self._total.copy_(tensors["total"])
        self.num_batches = state["num_batches"]
        self.num_rows = state["num_rows"]
        self._seconds = state["seconds"]
