"""What the optimizers of touched rows have in common: a step, table by table."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from fieldwise.training.optimizers._touched_rows import touched_rows

__all__ = ["LazyOptimizer", "loss_of"]


def loss_of(closure: Callable[[], float] | None) -> float | None:
    """Compute the loss again, where an optimizer is asked to.

    Examples:
        >>> loss_of(lambda: 2.0)
        2.0

    Args:
        closure: computes the loss and its gradients; None for nothing.

    Returns:
        The loss where there is a closure.
    """
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


class LazyOptimizer(Optimizer, ABC):
    """Moves the touched rows of tables with sparse gradients."""

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Move the touched rows.

        Args:
            closure: computes the loss again; rarely needed.

        Returns:
            The loss where there is a closure.
        """
        loss = loss_of(closure)
        for group in self.param_groups:
            for table in group["params"]:
                if table.grad is not None:
                    self._move(table, *touched_rows(table.grad), group)
        return loss

    @abstractmethod
    def _move(
        self, table: Tensor, rows: Tensor, gradients: Tensor, settings: dict[str, Any]
    ) -> None:
        """Move some rows of one table.

        Args:
            table: ``(row, dim)``.
            rows: row numbers ``(touched,)``, each once.
            gradients: of these rows, ``(touched, dim)``.
            settings: of the table's group.
        """
