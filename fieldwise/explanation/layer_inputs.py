"""What reaches a layer of a model, while rows go through it."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from torch import nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError
from fieldwise.scoring import score_batches

__all__ = ["find_layer", "show_inputs"]

Layer = TypeVar("Layer", bound=nn.Module)


def find_layer(model: nn.Module, kind: type[Layer]) -> Layer:
    """Find the layer of a kind.

    Args:
        model: what has it somewhere inside.
        kind: class of the layer.

    Returns:
        The first one.

    Raises:
        ValueError: if there is none.
    """
    for module in model.modules():
        if isinstance(module, kind):
            return module
    message = f"model must have a layer {kind.__name__}, got {type(model).__name__}."
    raise ValueError(message)


def show_inputs(
    model: nn.Module,
    layer: nn.Module,
    batches: Iterable[Batch],
    show: Callable[[Any], None],
) -> None:
    """Score rows, and show what enters a layer on the way.

    As in ``score_batches``, the model runs in eval mode, on the device it is on, and
    without gradients.

    Args:
        model: the trained model.
        layer: the model itself, or a part of it.
        batches: the rows.
        show: called with the first argument of the layer, batch after batch.

    Raises:
        DataError: if there is no row.
    """
    handle = layer.register_forward_pre_hook(lambda _, inputs: show(inputs[0]))
    try:
        num_rows = len(score_batches(model, batches))
    finally:
        handle.remove()
    if not num_rows:
        message = "batches must hold at least one row, got none."
        raise DataError(message)
