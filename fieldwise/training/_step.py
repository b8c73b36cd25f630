"""One training step.

Nothing in here asks a GPU for a number, so that it never waits for the host: the loss
stays a tensor until the pass is over.
"""

from collections.abc import Callable, Sequence
from typing import Any, final

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Optimizer

from fieldwise.batch import Batch
from fieldwise.nn.branches import BranchedModel
from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.training._clipping import clip_total_norm
from fieldwise.training._ranks import Ranks
from fieldwise.training._row_gradients import DenseTableGradients, sum_table_gradients
from fieldwise.training.optimizers.lazy_decay import LazyDecay
from fieldwise.training.parameter_groups import ParameterGroups
from fieldwise.training.recipe import Recipe
from fieldwise.training.regularization import add_l2, add_touched_l2

__all__ = ["TrainingStep", "wants_sparse_lookups"]


def wants_sparse_lookups(recipe: Recipe, device: torch.device) -> bool:
    """Whether lookups should leave sparse gradients on the tables.

    Lazy optimizers need them. Adam does not, but on a CPU its dense gradient is
    built faster from a sparse one.

    Args:
        recipe: says what moves the tables.
        device: of training.

    Returns:
        The value of ``FieldEmbedding.sparse_gradients`` during training.
    """
    return recipe.optimizer != "adam" or device.type == "cpu"


@final
class TrainingStep:
    """Forward, backward, L2, clipping and optimizers on one batch.

    Args:
        model: the model, on the device of ``fabric``.
        groups: its parameters.
        optimizers: that move them.
        recipe: penalties and clipping.
        objective: the loss, or this process's share of it, of what the model returns;
            of ``BranchLogits`` where it is a ``BranchedModel``.
        fabric: precision and backward.
        ranks: the processes that share each batch; None for this one alone.
        after_step: called when the weights have moved.
    """

    def __init__(
        self,
        model: nn.Module,
        groups: ParameterGroups,
        optimizers: Sequence[Optimizer],
        recipe: Recipe,
        objective: Callable[[Any, Batch], Tensor],
        fabric: Fabric,
        *,
        ranks: Ranks | None = None,
        after_step: Callable[[], None] | None = None,
    ) -> None:
        self.model = model
        self._forward: Callable[[Batch], Any] = (
            model.forward_branches if isinstance(model, BranchedModel) else model
        )
        self.optimizers = tuple(optimizers)
        self.recipe = recipe
        self.objective = objective
        self.fabric = fabric
        self._ranks = ranks or Ranks(fabric)
        self._after_step = after_step
        self._groups = groups
        self._parameters = groups.trainable
        self._decays = [o for o in optimizers if isinstance(o, LazyDecay)]
        self._dense_tables = DenseTableGradients(
            groups.tables if recipe.optimizer == "adam" else ()
        )

    def __call__(self, batch: Batch) -> Tensor:
        """Learn from one batch.

        Args:
            batch: labelled rows, on the device of the model.

        Returns:
            The loss before the step, a scalar without gradient.
        """
        for parameter in self._parameters:
            parameter.grad = None
        if self._decays:
            self._catch_up(batch)
        with self.fabric.autocast():
            outputs = self._forward(batch)
        loss = self.objective(outputs, batch)
        self.fabric.backward(loss)
        loss = self._finish_gradients(loss.detach())
        for optimizer in self.optimizers:
            optimizer.step()
        if self._after_step is not None:
            self._after_step()
        return loss

    def _catch_up(self, batch: Batch) -> None:
        """Give the rows of a batch the weights they have by now."""
        alike: dict[tuple[type, tuple[str, ...]], list[TableLayer]] = {}
        for layer in self._groups.embeddings:
            alike.setdefault((type(layer), layer.fields), []).append(layer)
        for layers in alike.values():
            rows = _unique(layers[0].rows_of(batch))
            for decay in self._decays:
                decay.catch_up(rows, [layer.table for layer in layers])

    def _finish_gradients(self, loss: Tensor) -> Tensor:
        groups, recipe = self._groups, self.recipe
        whole_table = recipe.l2_scope == "table"
        sum_table_gradients(groups.tables)
        loss = self._ranks.add_gradients(self._parameters, loss)
        if self._ranks.count > 1:
            # Rows of other processes' batches are now about to move here as well.
            for decay in self._decays:
                decay.catch_up_touched()
        if recipe.embedding_l2 and not whole_table:
            add_touched_l2(groups.tables, recipe.embedding_l2)
        self._dense_tables.spread()
        if recipe.embedding_l2:
            tables = groups.tables if whole_table else ()
            add_l2((*tables, *groups.embedding_weights), recipe.embedding_l2)
        if recipe.network_l2:
            add_l2(groups.network_matrices, recipe.network_l2)
        if recipe.clip_norm is not None:
            clip_total_norm(self._parameters, recipe.clip_norm)
        return loss


def _unique(rows: Tensor) -> Tensor:
    # Repeated rows cost a CPU time; a GPU would have to tell how many are left.
    return (torch.unique(rows) if rows.device.type == "cpu" else rows).long()
