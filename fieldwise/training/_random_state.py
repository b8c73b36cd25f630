"""The state of torch's random numbers as tensors."""

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["random_state", "set_random_state"]


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Read the state of the generators a model draws from.

    Args:
        device: of training.

    Returns:
        The states by kind of device; of the CPU always.
    """
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def set_random_state(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Let the generators go on where they stood.

    Args:
        states: what ``random_state`` returned.
        device: of training.
    """
    torch.set_rng_state(states["cpu"].cpu())
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
