"""The loss of a model whose branches are trained beside the whole."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from fieldwise._checks import check_choice
from fieldwise.batch import Batch
from fieldwise.losses import BRANCH_LOSSES, adaptive_branch_loss
from fieldwise.nn.branches import BranchLogits
from fieldwise.schema import Label
from fieldwise.training._ranks import Ranks

__all__ = ["BranchObjective"]


@final
class BranchObjective:
    """Joins the losses of the whole and of its branches as the model asks for.

    Args:
        objective: the loss of one output, or this process's share of it.
        kind: a name in ``losses.BRANCH_LOSSES``.
        labels: the fitted labels, in the order of the model's outputs.
        ranks: the processes that share a batch.

    Raises:
        ValueError: if there is no such loss.
    """

    def __init__(
        self,
        objective: Callable[[Tensor, Batch], Tensor],
        kind: str,
        labels: Sequence[Label],
        ranks: Ranks,
    ) -> None:
        check_choice("branch_loss", kind, BRANCH_LOSSES)
        self._objective = objective
        self._kind = kind
        self._is_binary = [label.kind == "binary" for label in labels]
        self._ranks = ranks

    def __call__(self, outputs: BranchLogits, batch: Batch) -> Float[Tensor, ""]:
        """The loss, or this process's share of it.

        Args:
            outputs: what ``forward_branches`` returned for the batch.
            batch: the labelled rows.

        Returns:
            A scalar, in float32.
        """
        whole = self._objective(outputs.logits, batch)
        if self._kind == "distillation":
            taught = replace(batch, labels=self._predictions(outputs.logits, batch))
            shares = [self._objective(branch, taught) for branch in outputs.branches]
            return sum(shares, start=whole)
        shares = [self._objective(branch, batch) for branch in outputs.branches]
        loss = adaptive_branch_loss(
            self._everywhere(whole),
            [self._everywhere(share) for share in shares],
            detach_weights=self._kind == "detached",
        )
        count = self._ranks.count
        return loss if count == 1 else loss - loss.detach() * (1 - 1 / count)

    def _predictions(self, logits: Tensor, batch: Batch) -> Tensor | None:
        """What the whole says, where a label was observed, as labels of branches."""
        if batch.labels is None:
            return None
        values = logits.detach().float().reshape(batch.labels.shape)
        binary = torch.tensor(self._is_binary, device=values.device)
        predictions = torch.where(binary, values.sigmoid(), values)
        return predictions.masked_fill(batch.labels.isnan(), torch.nan)

    def _everywhere(self, share: Tensor) -> Tensor:
        """The loss of all processes, with the gradient of this one's share.

        How far a branch is behind is known for the whole batch only.
        """
        if self._ranks.count == 1:
            return share
        return self._ranks.sum(share.detach().clone()) + (share - share.detach())
