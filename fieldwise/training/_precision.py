"""The device of a fit, what it computes in, and its random state."""

import os
from contextlib import AbstractContextManager
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision

from fieldwise.nn.arithmetic import supports_bf16
from fieldwise.nn.precision import choose_precision
from fieldwise.training.processes import num_processes

__all__ = ["isolated_random_state", "open_fabric", "supports_bf16"]


def open_fabric(accelerator: str, precision: str) -> tuple[Fabric, str]:
    """Open one device for training.

    Args:
        accelerator: ``auto`` takes a GPU where there is one; else ``cpu``, ``cuda``,
            ``mps``.
        precision: ``float32``, ``bf16``, or ``auto``: bf16 where it is faster.

    Returns:
        Fabric on that device, and the precision it computes in.

    Raises:
        ValueError: if bfloat16 was asked for and the device does not have it.
    """
    device_type = _device_type(accelerator)
    chosen = choose_precision(precision, device_type)
    # As a plugin, because precision="bf16-mixed" prints a line of its own.
    is_mixed = chosen != "float32"
    plugin = MixedPrecision("bf16-mixed", device_type) if is_mixed else None
    # Only one: Fabric goes through all installed packages each time.
    fabric = Fabric(accelerator=accelerator, **_processes(), plugins=plugin)
    fabric.launch()
    return fabric, chosen


def _device_type(accelerator: str) -> str:
    """What Fabric will choose."""
    if accelerator != "auto":
        return accelerator
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _processes() -> dict[str, Any]:
    """One device, or one for each process that ``torchrun`` started."""
    if num_processes() == 1:
        return {"devices": 1}
    return {
        "strategy": "ddp",
        "devices": int(os.environ["LOCAL_WORLD_SIZE"]),
        "num_nodes": int(os.environ["GROUP_WORLD_SIZE"]),
    }


def isolated_random_state(device: torch.device) -> AbstractContextManager[None]:
    """Undo, at the end of a block, what it did to the random state.

    Args:
        device: of training; its own generator is covered beside that of the CPU.

    Returns:
        The context.
    """
    devices = [device] if device.type == "cuda" else []
    return torch.random.fork_rng(devices=devices)
