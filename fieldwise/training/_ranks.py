"""The processes of a data-parallel run, and what they tell each other.

Every process ("rank") holds the whole model, learns from its share of each batch, and
adds up gradients with the others: all of them take the very same step, that of one
process with the whole batch. Tables stay sparse on the way: only the rows of the batch
travel.
"""

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import Parameter

from fieldwise.training._row_gradients import sum_repeated_rows

__all__ = ["Ranks"]


@final
class Ranks:
    """What one process says to the others, and hears from them.

    With one process every method returns what it was given.

    Args:
        fabric: of this process, launched.
    """

    def __init__(self, fabric: Fabric) -> None:
        self.rank = fabric.global_rank
        self.count = fabric.world_size
        self._fabric = fabric

    def sum(self, tensor: Tensor) -> Tensor:
        """Add up tensors of one shape.

        Args:
            tensor: of this process.

        Returns:
            The sum, the same in every process.
        """
        if self.count == 1:
            return tensor
        summed: Tensor = self._fabric.all_reduce(tensor, reduce_op="sum")  # type: ignore[assignment]
        return summed

    def from_first(self, value: Any) -> Any:  # noqa: ANN401
        """Tell everybody what the first process says.

        Args:
            value: of this process.

        Returns:
            That of the first one.
        """
        return value if self.count == 1 else self._fabric.broadcast(value)

    def gather(self, tensor: Tensor) -> list[Tensor]:
        """Collect tensors that differ in their first size only.

        Args:
            tensor: of this process, with at least one axis.

        Returns:
            Those of all processes, in order.
        """
        if self.count == 1:
            return [tensor]
        sizes = self._stack(torch.tensor([len(tensor)], device=tensor.device)).tolist()
        padded = tensor.new_zeros((max(s for (s,) in sizes), *tensor.shape[1:]))
        padded[: len(tensor)] = tensor
        return [
            part[:size]
            for part, (size,) in zip(self._stack(padded), sizes, strict=True)
        ]

    def gather_rows(self, values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Collect results of each process's rows.

        Args:
            values: of the rows of this process, rows first.

        Returns:
            Those of all processes, in order.
        """
        if self.count == 1:
            return [values]
        device = self._fabric.device
        # Apple's GPUs have no float64; their processes cannot be connected anyway.
        parts = self.gather(torch.from_numpy(values).to(device))
        return [part.cpu().numpy() for part in parts]

    @torch.no_grad()
    def copy_first(self, model: nn.Module, *, buffers_only: bool = False) -> None:
        """Give every process the weights, or only the buffers, of the first one.

        Args:
            model: changed in place.
            buffers_only: leave weights alone: equal steps have kept them equal.
        """
        if self.count == 1:
            return
        buffers = list(model.buffers())
        for value in buffers if buffers_only else [*model.parameters(), *buffers]:
            value.copy_(self._fabric.broadcast(value.detach().clone()))

    @torch.no_grad()
    def add_gradients(self, parameters: Sequence[Parameter], loss: Tensor) -> Tensor:
        """Give every process the sum of all gradients.

        Args:
            parameters: their ``grad`` is replaced; sparse ones hold each row at most
                once, before and after.
            loss: this process's share of it.

        Returns:
            The sum of the losses.
        """
        if self.count == 1:
            return loss
        dense = [p for p in parameters if p.grad is None or not p.grad.is_sparse]
        # One message for all: many small ones would wait for each other.
        flat = torch.cat([loss.reshape(1), *(_flat_gradient(p) for p in dense)])
        summed = self.sum(flat)
        start = 1
        for parameter in dense:
            part = summed[start : start + parameter.numel()]
            parameter.grad = part.view_as(parameter)
            start += parameter.numel()
        for parameter in parameters:
            if parameter.grad is not None and parameter.grad.is_sparse:
                parameter.grad = self._add_rows(parameter.grad)
        return summed[0]

    def _add_rows(self, gradient: Tensor) -> Tensor:
        rows = torch.cat(self.gather(gradient._indices()[0]))
        values = torch.cat(self.gather(gradient._values()))
        together = torch.sparse_coo_tensor(
            rows.unsqueeze(0), values, gradient.shape, check_invariants=False
        )
        return sum_repeated_rows(together)

    def _stack(self, tensor: Tensor) -> Tensor:
        stacked: Tensor = self._fabric.all_gather(tensor)  # type: ignore[assignment]
        return stacked


def _flat_gradient(parameter: Parameter) -> Tensor:
    if parameter.grad is None:
        return torch.zeros(parameter.numel(), device=parameter.device)
    return parameter.grad.reshape(-1)
