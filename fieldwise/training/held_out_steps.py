"""Some parameters of a model learn from rows of their own, between the training steps.

Source: Liu, Simonyan, Yang, "DARTS: Differentiable Architecture Search", ICLR 2019,
https://arxiv.org/abs/1806.09055, section 2.3 (first-order approximation: the weights
are taken as they are).
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import final

import torch
from torch import nn
from torch.nn import Parameter
from torch.optim import Adam

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.errors import DataError
from fieldwise.training._objective import Objective

__all__ = ["HeldOutSteps"]


@final
class HeldOutSteps:
    """What ``Trainer.fit`` calls after each step, to take one on other rows at times.

    The parameters are frozen at once, so that the trainer leaves them alone; here they
    move by an Adam of their own, and nothing else does. One process only: what is
    learned here is not shared, nor part of a checkpoint.

    Args:
        model: a batch in, logits out.
        parameters: of the model, that learn from ``rows`` alone.
        rows: labelled, and none of those the other parameters learn from.
        every: training steps to one step here.
        learning_rate: of the Adam.
        batch_size: rows of each step here.
        seed: of the order of the rows.

    Raises:
        DataError: if there are no rows.
        ValueError: if ``every`` is not positive.
    """

    def __init__(
        self,
        model: nn.Module,
        parameters: Sequence[Parameter],
        rows: Dataset,
        *,
        every: int,
        learning_rate: float,
        batch_size: int,
        seed: int = 0,
    ) -> None:
        check_positive("every", every)
        if len(rows) == 0:
            message = "rows must hold at least one row, got none."
            raise DataError(message)
        self.model = model
        self.parameters = tuple(parameters)
        self.every = every
        self.num_training_steps = 0
        self._objective = Objective(rows.schema.labels)
        self._optimizer = Adam(self.parameters, lr=learning_rate)
        self._batches = _endless(
            Loader(rows, batch_size=batch_size, shuffle="full", seed=seed)
        )
        self._set_frozen(True)

    def __call__(self) -> None:
        """Count a training step, and take a step on other rows when it is time."""
        self.num_training_steps += 1
        if self.num_training_steps % self.every:
            return
        batch = next(self._batches).to(self.parameters[0].device)
        self._set_frozen(False)
        try:
            loss = self._objective(self.model(batch), batch)
            gradients = torch.autograd.grad(loss, self.parameters)
        finally:
            self._set_frozen(True)
        for parameter, gradient in zip(self.parameters, gradients, strict=True):
            parameter.grad = gradient
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _set_frozen(self, is_frozen: bool) -> None:
        for parameter in self.parameters:
            parameter.requires_grad_(not is_frozen)


def _endless(loader: Loader) -> Iterator[Batch]:
    for number in count():
        yield from loader.epoch(number)
