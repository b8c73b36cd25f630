"""Threads that take a part of the work on one request, each off the core of the first.

A thread that is woken by one that goes on computing is often put on the same core, and
the scheduler takes milliseconds to see that another one is idle: as long as the work.
"""

import ctypes
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from typing import TypeVar, cast, final

__all__ = ["in_parts"]

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_parts(compute: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """Compute all parts at a time, the first one in this thread.

    Args:
        compute: one part.
        parts: at least one.

    Returns:
        The results, in the order of the parts.
    """
    first, *others = parts
    if not others:
        return [compute(first)]
    with _own_core() as cores:
        waiting = [
            _helper(place).start(cores, compute, part)
            for place, part in enumerate(others)
        ]
        return [compute(first), *(part.result() for part in waiting)]


@contextmanager
def _own_core() -> Iterator[set[int]]:
    """Keep this thread on its core, and tell the others; none where nobody can say."""
    try:
        allowed = os.sched_getaffinity(0)
        core = _core_getter()()
        os.sched_setaffinity(0, {core})
    except (AttributeError, OSError):
        yield set()
        return
    try:
        yield allowed - {core}
    finally:
        with suppress(OSError):  # a core may be taken away at any time
            os.sched_setaffinity(0, allowed)


@final
class _Helper:
    """One thread, which a task moves to some cores before it wakes it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="fieldwise-part")
        self._thread = self._pool.submit(threading.get_native_id).result()

    def start(
        self, cores: set[int], compute: Callable[[Part], Result], part: Part
    ) -> "Future[Result]":
        if cores:
            with suppress(OSError):
                os.sched_setaffinity(self._thread, cores)
        return self._pool.submit(compute, part)


@cache
def _helper(_: int) -> _Helper:
    """Helpers of the process, for all rankers."""
    return _Helper()


@cache
def _core_getter() -> Callable[[], int]:
    return cast("Callable[[], int]", ctypes.CDLL(None).sched_getcpu)
