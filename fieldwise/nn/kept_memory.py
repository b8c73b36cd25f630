"""Memory that a step gives back is kept for the next step.

A step allocates and frees some dozens of tensors of megabytes. The allocator of Linux
(glibc) hands freed memory back to the system at once, and gets it again page by page,
each cleared first: a fifth of the time of a step in bfloat16. Inside the block it keeps
what it has.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

__all__ = ["kept_memory"]

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of settings, from ``malloc.h``."""

LARGEST_ON_HEAP = 2**25
"""Bytes of a block that is still kept; glibc accepts no more."""

KEPT, USUAL = 2**31 - 1, 2 * LARGEST_ON_HEAP
"""Bytes the heap may have free at its end: in the block, and where glibc arrives by
itself when large blocks are freed."""

_lock = Lock()
_num_open = 0


@contextmanager
def kept_memory() -> Iterator[None]:
    """Let the process keep freed memory inside a block.

    Elsewhere than on Linux with glibc, and where the user has set the allocator up
    (``MALLOC_*`` or ``GLIBC_TUNABLES``), nothing changes. Blocks may overlap.

    Yields:
        Nothing.
    """
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _num_open  # noqa: PLW0603
    with _lock:
        _num_open += change
        _set_thresholds(KEPT if _num_open else USUAL)


def _set_thresholds(trim: int) -> None:
    library = _glibc()
    if library is not None:
        library.mallopt(MMAP_THRESHOLD, LARGEST_ON_HEAP)
        library.mallopt(TRIM_THRESHOLD, trim)


@cache
def _glibc() -> ctypes.CDLL | None:
    names = ("GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_")
    if sys.platform != "linux" or any(name in os.environ for name in names):
        return None
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018
    except (AttributeError, OSError):
        return None
    return library
