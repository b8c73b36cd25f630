"""Which library multiplies matrices on a CPU, and in which precision it can.

Torch carries two: its own one for float32 (called native here; MKL as a rule) and
oneDNN. Which is faster depends on the processor: on some, oneDNN is twice as fast.
``fastest_products`` finds out. The choice holds inside the block of ``products_by``
only, which training and bulk scoring open; everywhere else, and while a model is
exported or compiled, a linear map is plain ``torch.nn.functional.linear``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from fieldwise._checks import check_choice
from fieldwise.nn._onednn import is_available, onednn_linear

__all__ = [
    "BACKENDS",
    "current_backend",
    "linear",
    "products_by",
    "supports_bf16",
]

BACKENDS = ("native", "onednn")

MIN_MULTIPLICATIONS = 2**21
"""Smaller products are over before oneDNN has set itself up."""

MIN_WIDTH = 8
"""A product with a narrow matrix is bound by memory, where native is lean."""

_BACKEND: ContextVar[str | None] = ContextVar("backend", default=None)


@contextmanager
def products_by(backend: str) -> Iterator[None]:
    """Multiply float32 matrices by one library inside a block.

    Around a call of ``fit`` or ``predict`` it pins what they would choose. In bfloat16
    (under autocast) torch uses oneDNN in any case; with ``onednn`` bias and ReLU join
    the product there too.

    Examples:
        >>> with products_by("native"):
        ...     current_backend()
        'native'

    Args:
        backend: ``native`` or ``onednn``; the latter is ignored where torch lacks it.

    Yields:
        Nothing.

    Raises:
        ValueError: if there is no such library.
    """
    check_choice("backend", backend, BACKENDS)
    token = _BACKEND.set(backend)
    try:
        yield
    finally:
        _BACKEND.reset(token)


def current_backend() -> str | None:
    """The library of the innermost block of ``products_by``; None outside of one."""
    return _BACKEND.get()


def supports_bf16(device_type: str) -> bool:
    """Whether a kind of device has instructions for bfloat16.

    Args:
        device_type: as ``torch.device.type`` names it.

    Returns:
        Whether it has; emulation does not count.
    """
    if device_type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device_type != "cpu":
        return False
    # Private names, read with a default: torch has no public ones before 2.11.
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, bool)() for name in checks)


def linear(
    x: Float[Tensor, "*rows in"],
    weight: Float[Tensor, "out in"],
    bias: Float[Tensor, " out"] | None,
    *,
    relu: bool = False,
) -> Float[Tensor, "*rows out"]:
    """Compute ``x @ weight.T + bias``, cut at zero if asked.

    Args:
        x: rows.
        weight: the matrix.
        bias: added to each row; None for no bias.
        relu: cut negative numbers to zero.

    Returns:
        The result.
    """
    if (
        _BACKEND.get() != "onednn"
        or torch.compiler.is_compiling()
        or not _pays(x, weight)
    ):
        return _native(x, weight, bias, relu)
    autocast = torch.is_autocast_enabled("cpu")
    dtype = torch.get_autocast_dtype("cpu") if autocast else x.dtype
    if not _is_known(dtype) or not is_available():
        return _native(x, weight, bias, relu)
    rows = x.reshape(-1, x.shape[-1])
    bias = None if bias is None else bias.to(dtype)
    out = onednn_linear(rows.to(dtype), weight.to(dtype), bias, relu=relu)
    return out if x.ndim == 2 else out.view(*x.shape[:-1], -1)


def _is_known(dtype: torch.dtype) -> bool:
    # Without instructions for it, oneDNN refuses bfloat16, where torch emulates it.
    return dtype == torch.float32 or (dtype == torch.bfloat16 and supports_bf16("cpu"))


def _pays(x: Tensor, weight: Tensor) -> bool:
    return (
        x.is_cpu
        and weight.is_cpu
        and min(weight.shape) >= MIN_WIDTH
        and x.numel() * weight.shape[0] >= MIN_MULTIPLICATIONS
    )


def _native(x: Tensor, weight: Tensor, bias: Tensor | None, relu: bool) -> Tensor:
    out = F.linear(x, weight, bias)
    return F.relu(out) if relu else out
