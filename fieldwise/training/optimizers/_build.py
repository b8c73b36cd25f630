"""Which optimizer moves which parameters."""

from collections.abc import Sequence

from torch.nn import Parameter
from torch.optim import Adam, Optimizer

from fieldwise.training.optimizers.lazy_adam import LazyAdam
from fieldwise.training.optimizers.lazy_decay import LazyDecay
from fieldwise.training.optimizers.rowwise_adagrad import RowwiseAdagrad
from fieldwise.training.parameter_groups import ParameterGroups
from fieldwise.training.recipe import Recipe

__all__ = ["build_optimizers", "set_learning_rate"]


def build_optimizers(groups: ParameterGroups, recipe: Recipe) -> tuple[Optimizer, ...]:
    """Make the optimizers of a recipe.

    Args:
        groups: the parameters of the model, on the device of training.
        recipe: says what moves the tables.

    Returns:
        One optimizer; where the tables have one of their own, that comes first, then
        the one for their decay, if any, and the one for everything else.

    Raises:
        ValueError: if the model has nothing to train.
    """
    if not groups.trainable:
        message = "model must have trainable parameters, got none."
        raise ValueError(message)
    if recipe.optimizer == "adam":
        return (_adam(groups.trainable, recipe.learning_rate),)
    optimizers: list[Optimizer] = []
    if groups.tables:
        lazy = LazyAdam if recipe.optimizer == "lazy_adam" else RowwiseAdagrad
        optimizers.append(lazy(groups.tables, lr=recipe.learning_rate))
        if recipe.embedding_decay:
            optimizers.append(
                LazyDecay(
                    groups.tables,
                    lr=recipe.learning_rate,
                    decay=recipe.embedding_decay,
                )
            )
    if groups.dense:
        optimizers.append(_adam(groups.dense, recipe.learning_rate))
    return tuple(optimizers)


def set_learning_rate(optimizers: Sequence[Optimizer], learning_rate: float) -> None:
    """Change the learning rate of every group.

    Args:
        optimizers: of one training run.
        learning_rate: for the steps to come.
    """
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate


def _adam(parameters: Sequence[Parameter], learning_rate: float) -> Adam:
    # One pass over weights, gradients and moments where the device has that kernel.
    fused = all(
        parameter.is_floating_point() and parameter.device.type in ("cpu", "cuda")
        for parameter in parameters
    )
    return Adam(parameters, lr=learning_rate, fused=fused)
