"""The fastest library for float32 products on this machine, found by trying.

The trial takes some hundredths of a second, and its outcome is kept in the user's cache
folder, so that all runs on a machine compute alike. Whoever wants no trial sets the
environment variable ``FIELDWISE_FLOAT32`` to ``native`` or ``onednn``, or works in a
block of ``products_by``.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor

from fieldwise._checks import check_choice
from fieldwise.nn import _kept_rates
from fieldwise.nn._onednn import is_available, onednn_linear
from fieldwise.nn.arithmetic import BACKENDS, current_backend, supports_bf16

__all__ = ["VARIABLE", "FastestProducts", "fastest_products"]

VARIABLE = "FIELDWISE_FLOAT32"

MIN_SPEEDUP = 1.15
"""Of oneDNN over torch's own products; below, nothing private is worth using."""

NUM_ROUNDS = 7
"""The best of so many counts: another program can only make one slower."""

NUM_ROWS, WIDTH, NUM_PRODUCTS = 512, 512, 2
"""Of a trial: like the products of a tower, and over in a few milliseconds."""


@final
@dataclass(frozen=True)
class FastestProducts:
    """A choice, and why.

    Args:
        backend: the library.
        reason: of the choice.
        rates: billions of operations per second and thread that were measured, by
            library, and of ``bf16`` where the processor has it; empty where nothing
            was measured.
    """

    backend: str
    reason: str
    rates: Mapping[str, float] = field(default_factory=dict)

    def describe(self) -> str:
        """The line for a log."""
        name = {"native": "torch's own library", "onednn": "oneDNN"}[self.backend]
        return f"float32 products by {name} ({self.reason})"


def fastest_products() -> FastestProducts:
    """Choose the library for float32 products on the CPU.

    A block of ``products_by`` around the call decides, else the environment, else
    what was measured on this machine, now or earlier.

    Returns:
        The choice.

    Raises:
        ValueError: if the environment names a library that does not exist.
    """
    pinned = current_backend()
    if pinned is not None:
        return FastestProducts(pinned, "as asked for by products_by")
    wish = os.environ.get(VARIABLE, "auto")
    check_choice(VARIABLE, wish, (*BACKENDS, "auto"))
    if wish in BACKENDS:
        return FastestProducts(wish, f"as {VARIABLE} says")
    if not is_available():
        return FastestProducts("native", "this torch offers no other")
    return _measured()


@cache
def _measured() -> FastestProducts:
    key = _kept_rates.machine()
    kept = _kept_rates.read(key)
    rates = kept or _measure()
    if kept is None:
        _kept_rates.write(key, rates)
    native, onednn = rates["native"], rates["onednn"]
    return FastestProducts(
        "onednn" if onednn >= MIN_SPEEDUP * native else "native",
        f"oneDNN {onednn:.0f} GFLOP/s per thread, torch's own {native:.0f}, "
        f"measured {'earlier' if kept else 'now'}",
        rates,
    )


def _measure() -> dict[str, float]:
    """Operations per second of each library on one thread, in billions."""
    operations = NUM_PRODUCTS * 2 * NUM_ROWS * WIDTH * WIDTH
    with torch.no_grad(), torch.autocast("cpu", enabled=False), _one_thread():
        clock = _clock()
        trials = _trials()
        best = dict.fromkeys(trials, float("inf"))
        for _ in range(NUM_ROUNDS):
            for name, trial in trials.items():
                start = clock()
                trial()
                best[name] = min(best[name], clock() - start)
    return {name: operations / seconds / 1e9 for name, seconds in best.items()}


@contextmanager
def _one_thread() -> Iterator[None]:
    # Threads wait for each other: on a busy machine several would measure the others.
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(num_threads)


def _clock() -> Callable[[], float]:
    # Time of this thread alone, unless the platform counts it in coarse ticks.
    is_fine = time.get_clock_info("thread_time").resolution < 1e-5
    return time.thread_time if is_fine else time.perf_counter


def _trials() -> dict[str, Callable[[], None]]:
    onednn = partial(onednn_linear, relu=False)
    trials: dict[str, Callable[[], None]] = {
        "native": partial(_multiply, F.linear, *_matrices(torch.float32)),
        "onednn": partial(_multiply, onednn, *_matrices(torch.float32)),
    }
    if supports_bf16("cpu"):
        trials["bf16"] = partial(_multiply, onednn, *_matrices(torch.bfloat16))
    return trials


def _matrices(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    # Ones: the speed of a product does not depend on the numbers.
    return torch.ones(NUM_ROWS, WIDTH, dtype=dtype), torch.ones(WIDTH, dtype=dtype)


def _multiply(product: Callable[..., Tensor], x: Tensor, bias: Tensor) -> None:
    # Of a forward pass, and of a weight's gradient.
    product(x, x[:WIDTH], bias)
    product(x.t(), x.t(), bias)
