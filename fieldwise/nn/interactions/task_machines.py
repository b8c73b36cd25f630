r"""A factorization machine for each task.

Source: Rendle, "Factorization Machines", ICDM 2010, equations 1 and 5.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.interactions.factorization_machine import FactorizationMachine

__all__ = ["TaskMachines"]


@final
class TaskMachines(nn.Module):
    r"""Sums the products of all pairs of fields, for each task in a slice of its own.

    $$\sum_{i<j} \langle v^{(t)}_i, v^{(t)}_j \rangle, \quad
    v_i = [v^{(1)}_i \,\|\, \dots \,\|\, v^{(T)}_i]$$

    Without parameters.

    Shape:
        - Input: ``(batch, field, num_tasks * dim)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> import torch
        >>> TaskMachines(2)(torch.ones(5, 3, 8)).tolist()[0]
        [12.0, 12.0]

    Args:
        num_tasks: slices of an embedding.

    Raises:
        ValueError: if ``num_tasks`` is not positive.
    """

    def __init__(self, num_tasks: int = 1) -> None:
        check_positive("num_tasks", num_tasks)
        super().__init__()
        self.num_tasks = num_tasks
        self.machine = FactorizationMachine()

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, " batch *task"]:
        """Sum over pairs.

        Args:
            x: field embeddings, already times their values.

        Returns:
            One number per row, or one per row and task.
        """
        sizes = (*x.shape[:2], self.num_tasks, x.shape[2] // self.num_tasks)
        pairs: Tensor = self.machine(x.view(sizes).transpose(1, 2))
        return pairs.squeeze(-1) if self.num_tasks == 1 else pairs
