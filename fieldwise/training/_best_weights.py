"""A copy of the weights of the best epoch, in memory."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, final

import torch
from torch import Tensor, nn

__all__ = ["BestWeights"]


@final
class BestWeights:
    """Keeps and restores the state of one model, buffers included.

    Args:
        model: the model, on the device where it is trained.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._kept: dict[str, Any] = {}
        self._is_complete = False

    @torch.no_grad()
    def keep(self) -> None:
        """Copy the present state; memory is taken the first time only."""
        self._is_complete = False
        for name, value in self.model.state_dict().items():
            if not isinstance(value, Tensor):
                self._kept[name] = deepcopy(value)
            elif name in self._kept:
                self._kept[name].copy_(value)
            else:
                self._kept[name] = value.clone()
        self._is_complete = True

    def restore(self) -> None:
        """Put the state back that was kept last; without one nothing happens."""
        # Ctrl-C in the middle of keep: the model itself still has that best state.
        if self._is_complete:
            self.model.load_state_dict(self._kept)

    def tensors(self) -> dict[str, Tensor]:
        """What was kept last, for a checkpoint; empty before the first time."""
        if not self._is_complete:
            return {}
        return {n: v for n, v in self._kept.items() if isinstance(v, Tensor)}

    def adopt(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on with what an earlier process had kept.

        Args:
            tensors: what its ``tensors`` returned; nothing happens if empty.
        """
        if not tensors:
            return
        for name, value in self.model.state_dict().items():
            if isinstance(value, Tensor):
                self._kept[name] = tensors[name].to(value.device)
            else:
                self._kept[name] = deepcopy(value)
        self._is_complete = True
