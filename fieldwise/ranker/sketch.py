"""The tensors of a model that a stranger describes, found without their memory.

A few bytes of a manifest can ask for a gigantic layer, or for a billion small ones. On
the meta device a layer takes no memory; and a model that holds more than the file of
weights could is given up while it is built.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeAlias, final

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from fieldwise.errors import RankerFormatError
from fieldwise.models import build_model
from fieldwise.schema import Schema

__all__ = ["TensorKind", "kinds", "sketch_tensors"]

TensorKind: TypeAlias = tuple[torch.Size, torch.dtype]

FREE_BYTES = 2**26
"""Constants and what is passing: so much beside the weights, and three times these."""
FREE_CALLS, MAX_CALLS = 20_000, 200_000
"""What a model may ask of torch, without weights and at all: ten times per tensor."""
CALL_BYTES = 16
"""Bytes of weights that allow one more."""


def sketch_tensors(
    name: str, schema: Schema, arguments: Mapping[str, Any], *, weight_bytes: int
) -> dict[str, TensorKind]:
    """Find the tensors of a model.

    Args:
        name: name in ``MODELS``.
        schema: a fitted schema.
        arguments: of the model, from a stranger.
        weight_bytes: size of the file that holds its weights.

    Returns:
        Shape and type by name of each tensor that is saved.

    Raises:
        RankerFormatError: if the model is far larger than the file.
        ConfigError: if there is no such model, or it has no such argument.
    """
    with torch.device("meta"), _Bounded(weight_bytes) as bounded:
        model = build_model(name, schema, **arguments)
        bounded.check(model)
        return kinds(model.state_dict())


def kinds(tensors: Mapping[str, torch.Tensor]) -> dict[str, TensorKind]:
    """Tell the shape and type of each tensor.

    Args:
        tensors: by name.

    Returns:
        The same names.
    """
    return {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()}


@final
class _Bounded(TorchFunctionMode):
    """Gives up when this thread asks torch for too much, or too often."""

    def __init__(self, weight_bytes: int) -> None:
        super().__init__()
        self._weight_bytes = weight_bytes
        self._max_bytes = FREE_BYTES + 4 * weight_bytes
        self._calls_left = min(MAX_CALLS, FREE_CALLS + weight_bytes // CALL_BYTES)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  whatever torch returns
        self._calls_left -= 1
        if self._calls_left < 0:
            self._give_up()
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.nbytes > self._max_bytes:
            self._give_up()
        return result

    def check(self, model: nn.Module) -> None:
        """Give up if what a model holds, constants included, is too much."""
        held = (*model.parameters(), *model.buffers())
        if sum(tensor.nbytes for tensor in held) > self._max_bytes:
            self._give_up()

    def _give_up(self) -> NoReturn:
        message = (
            "its model must not be far larger than weights.safetensors, which has "
            f"{self._weight_bytes} bytes"
        )
        raise RankerFormatError(message)
