"""The loss of a batch whose rows are spread over several processes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from fieldwise.batch import Batch
from fieldwise.schema import Label
from fieldwise.training._objective import Objective
from fieldwise.training._ranks import Ranks

__all__ = ["SharedObjective"]


@final
class SharedObjective:
    """This process's share of the loss: the shares add up to that of the whole batch.

    A mean over the rows of each process, averaged over the processes, would be another
    loss where weights, missing labels or numbers of rows differ between them.

    Args:
        labels: the fitted labels, in the order of the model's outputs.
        ranks: the processes.

    Raises:
        SchemaError: if there are none, or the kind of one is not known yet.
    """

    def __init__(self, labels: Sequence[Label], ranks: Ranks) -> None:
        self._whole = Objective(labels)
        self._tasks = [Objective((label,)) for label in labels]
        self._kinds = (self._whole.binary, self._whole.real)
        self._ranks = ranks

    def __call__(self, logits: Float[Tensor, "..."], batch: Batch) -> Float[Tensor, ""]:
        """The share of the loss.

        Args:
            logits: what the model returned for the rows of this process.
            batch: these rows, labelled.

        Returns:
            A scalar, in float32.

        Raises:
            ShapeError: if the logits do not fit the labels.
        """
        if self._ranks.count == 1 or batch.labels is None:
            return self._whole(logits, batch)
        masses = (~batch.labels.isnan()).to(torch.float32)
        if batch.weights is not None:
            masses = masses * batch.weights.unsqueeze(1)
        here = masses.sum(0)
        everywhere = self._ranks.sum(here.clone())
        logits = logits.reshape(batch.labels.shape)
        share = here / torch.where(everywhere > 0, everywhere, 1)
        losses = torch.stack(
            [
                objective(
                    logits[:, task], replace(batch, labels=batch.labels[:, [task]])
                )
                for task, objective in enumerate(self._tasks)
            ]
        )
        loss = logits.new_zeros((), dtype=torch.float32)
        for kind in self._kinds:
            if kind:
                seen = (everywhere[kind] > 0).sum().clamp(min=1)
                mean = (losses[kind] * share[kind]).sum() / seen
                loss = loss + mean * len(kind) / len(self._tasks)
        return loss
