"""The state of optimizers as tensors and plain numbers, without pickle.

``Optimizer.load_state_dict`` is not used: it casts whole numbers to the type of the
weights, which forgets counts above 2^24.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

__all__ = ["adopt_optimizers", "optimizer_numbers", "optimizer_tensors"]


def optimizer_tensors(optimizers: Sequence[Optimizer]) -> dict[str, Tensor]:
    """Collect moments, sums and counts.

    Args:
        optimizers: of one training run.

    Returns:
        Tensors by number of the optimizer, number of the parameter and name.
    """
    return {
        name: value for name, value in _entries(optimizers) if isinstance(value, Tensor)
    }


def optimizer_numbers(optimizers: Sequence[Optimizer]) -> dict[str, Any]:
    """Collect the rest of the state.

    Args:
        optimizers: of one training run.

    Returns:
        Plain numbers, named as in ``optimizer_tensors``.
    """
    return {
        name: value
        for name, value in _entries(optimizers)
        if not isinstance(value, Tensor)
    }


def adopt_optimizers(
    optimizers: Sequence[Optimizer],
    tensors: Mapping[str, Tensor],
    numbers: Mapping[str, Any],
) -> None:
    """Go on where the optimizers of an earlier process stood.

    Args:
        optimizers: of the same recipe and model.
        tensors: what ``optimizer_tensors`` returned there.
        numbers: what ``optimizer_numbers`` returned there.
    """
    for optimizer in optimizers:
        optimizer.state.clear()
    for name, value in {**tensors, **numbers}.items():
        number, position, key = name.split(".", 2)
        optimizer = optimizers[int(number)]
        parameter = _parameters(optimizer)[int(position)]
        kept = value
        if isinstance(value, Tensor):
            # Adam's count of steps stays on the CPU where it was there before.
            fused = bool(optimizer.param_groups[0].get("fused"))
            moved = value.ndim > 0 or fused
            kept = value.to(parameter.device) if moved else value
        optimizer.state[parameter][key] = kept


def _entries(optimizers: Sequence[Optimizer]) -> list[tuple[str, Any]]:
    return [
        (f"{number}.{position}.{key}", value)
        for number, optimizer in enumerate(optimizers)
        for position, parameter in enumerate(_parameters(optimizer))
        for key, value in optimizer.state.get(parameter, {}).items()
    ]


def _parameters(optimizer: Optimizer) -> list[Parameter]:
    return [item for group in optimizer.param_groups for item in group["params"]]
