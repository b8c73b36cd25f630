"""One thread that scores, and the requests that wait for it.

Small requests that wait at the same time are scored together: one pass of a model over
eight rows takes little longer than over one. Nothing waits for others to come. A small
request that comes after a pause, so that nothing is there to be scored with it, is
scored at once in the thread that talks to clients: to wake another one, which sleeps
on a core that sleeps, would take a tenth of the time of its answer.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, final

from fieldwise.serving.server.problem import ProblemError

__all__ = ["Lane", "Task"]

RETRY_SECONDS = 1
PAUSE_SECONDS = 0.004
"""Without requests, after which one is computed at once."""
BRIEF_SECONDS = 0.004
"""The last such task must have taken no longer: nobody else is heard meanwhile."""


@final
@dataclass(frozen=True, eq=False)
class Task:
    """Something to compute.

    Args:
        compute: the inputs of some tasks to their results.
        input: of this task.
        size: rows of the input.
        merges: whether tasks with an equal ``compute`` may be computed together.
    """

    compute: Callable[[Sequence[Any]], Sequence[Any]]
    input: Any = None
    size: int = 1
    merges: bool = False


@final
@dataclass(frozen=True, eq=False)
class _Waiting:
    task: Task
    future: "asyncio.Future[Any]"


@final
class Lane:
    """Computes tasks one after the other, in a thread of its own.

    Args:
        name: of the thread.
        max_waiting: tasks that may be there at a time; more are refused.
        max_rows: of tasks that are computed together.

    Attributes:
        waiting: tasks that are there, the one that is computed included.
    """

    def __init__(self, name: str, *, max_waiting: int, max_rows: int) -> None:
        self.waiting = 0
        self._max_waiting = max_waiting
        self._max_rows = max_rows
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._taken: deque[_Waiting] = deque()
        self._came = time.monotonic()
        self._took = float("inf")
        Thread(target=self._work, name=f"fieldwise-{name}", daemon=True).start()

    async def run(self, task: Task, *, seconds: float) -> Any:  # noqa: ANN401
        """Wait for the result of a task.

        Args:
            task: what to compute.
            seconds: how long to wait.

        Returns:
            The result.

        Raises:
            ProblemError: if too many wait already, or the time is over.
        """
        if self.waiting >= self._max_waiting:
            message = (
                f"at most {self._max_waiting} requests may wait here, got one more. "
                "Send it again later."
            )
            headers = {"Retry-After": str(RETRY_SECONDS)}
            raise ProblemError(429, "too-many-requests", message, headers=headers)
        came, before = time.monotonic(), self._came
        self._came = came
        is_alone = task.merges and not self.waiting and came - before > PAUSE_SECONDS
        if is_alone and self._took < BRIEF_SECONDS:
            return self._at_once(task)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting += 1
        self._queue.put(_Waiting(task, future))
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            message = f"an answer must be there in {seconds:g} s. Ask for fewer rows."
            raise ProblemError(504, "too-slow", message) from None

    def _at_once(self, task: Task) -> Any:  # noqa: ANN401
        start = time.monotonic()
        result = _computed(task)
        self._took = time.monotonic() - start
        if isinstance(result, Exception):
            raise result
        return result

    def _work(self) -> None:
        while True:
            # In a call of its own: what a step has seen of a ranker goes with it, or a
            # version that is no longer served would stay in memory.
            self._step()

    def _step(self) -> None:
        if not self._taken:
            self._taken.append(self._queue.get())
        while not self._queue.empty():
            self._taken.append(self._queue.get())
        parts = self._next()
        # Nobody waits for the others any more.
        live = [part for part in parts if not part.future.cancelled()]
        start = time.monotonic()
        results = _together([part.task for part in live]) if live else []
        self._took = time.monotonic() - start
        # All of them wait in the one loop of this process.
        loop = parts[0].future.get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, len(parts), live, results)

    def _next(self) -> list[_Waiting]:
        """The first task, with those right behind it that can be computed with it."""
        parts = [self._taken.popleft()]
        first = parts[0].task
        num_rows = first.size
        while first.merges and self._taken:
            task = self._taken[0].task
            num_rows += task.size
            if not task.merges or task.compute != first.compute:
                break
            if num_rows > self._max_rows:
                break
            parts.append(self._taken.popleft())
        return parts

    def _deliver(
        self, num_parts: int, parts: Sequence[_Waiting], results: Sequence[Any]
    ) -> None:
        self.waiting -= num_parts
        for part, result in zip(parts, results, strict=True):
            if part.future.cancelled():
                continue
            if isinstance(result, Exception):
                part.future.set_exception(result)
            else:
                part.future.set_result(result)


def _together(tasks: Sequence[Task]) -> Sequence[Any]:
    if len(tasks) == 1:
        return [_computed(tasks[0])]
    try:
        return tasks[0].compute([task.input for task in tasks])
    except BaseException:
        # One of them must not take the others with it.
        return [_computed(task) for task in tasks]


def _computed(task: Task) -> Any:  # noqa: ANN401
    """The result of a task, or the error it ended with."""
    try:
        return task.compute([task.input])[0]
    except Exception as error:
        return error
    except BaseException as error:
        # What fails inside Polars is no Exception, and must not end the thread.
        wrapped = RuntimeError(f"{type(error).__name__}: {error}")
        wrapped.__cause__ = error
        return wrapped
