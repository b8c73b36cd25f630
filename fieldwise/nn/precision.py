"""In which precision layers are computed."""

from contextlib import AbstractContextManager

import torch

from fieldwise._checks import check_choice
from fieldwise.nn.arithmetic import supports_bf16
from fieldwise.nn.fastest_products import fastest_products

__all__ = [
    "PRECISIONS",
    "autocast",
    "bf16_pays",
    "choose_precision",
]

PRECISIONS = ("float32", "bf16", "auto")

MIN_SPEEDUP = 1.1
"""Of bfloat16 over float32, to be worth its rounding."""


def bf16_pays(device_type: str) -> bool:
    """Whether bfloat16 is faster than float32 on a kind of device.

    On a CPU with instructions for it this was measured, together with the libraries
    for float32.

    Args:
        device_type: as ``torch.device.type`` names it.

    Returns:
        Whether ``precision="auto"`` means bfloat16 there.
    """
    if not supports_bf16(device_type):
        return False
    if device_type != "cpu":
        return True
    rates = fastest_products().rates
    if "bf16" not in rates:
        return True
    others = [rate for name, rate in rates.items() if name != "bf16"]
    return rates["bf16"] >= MIN_SPEEDUP * max(others)


def choose_precision(precision: str, device_type: str) -> str:
    """Turn a wish into what a kind of device will compute in.

    Args:
        precision: ``float32``, ``bf16``, or ``auto``: bf16 where it is faster.
        device_type: as ``torch.device.type`` names it.

    Returns:
        The precision.

    Raises:
        ValueError: if there is no such precision, or bfloat16 was asked for and the
            device does not have it.
    """
    check_choice("precision", precision, PRECISIONS)
    if precision == "float32":
        return "float32"
    if precision == "auto":
        return "bf16" if bf16_pays(device_type) else "float32"
    if not supports_bf16(device_type):
        message = (
            f"precision must be one the device has, got 'bf16' on {device_type!r} "
            "without bfloat16 instructions. Set precision='auto' or 'float32'."
        )
        raise ValueError(message)
    return "bf16"


def autocast(precision: str, device_type: str) -> AbstractContextManager[None]:
    """Compute layers in a precision inside a block.

    Args:
        precision: as ``choose_precision`` gave it.
        device_type: as ``torch.device.type`` names it.

    Returns:
        The block; of ``float32`` it turns off an autocast around it.
    """
    block: AbstractContextManager[None] = torch.autocast(
        device_type, torch.bfloat16, enabled=precision == "bf16"
    )
    return block
