"""A thread that scores, and what waits for it."""

import asyncio
import threading

import pytest

from fieldwise.serving.server.lane import Lane, Task
from fieldwise.serving.server.problem import ProblemError


class Counter:
    """Computes sums, and notes what came together."""

    def __init__(self):
        self.calls = []
        self.gate = threading.Event()
        self.is_blocked = threading.Event()

    def block(self, inputs):
        self.is_blocked.set()
        self.gate.wait(10)
        return inputs

    def compute(self, inputs):
        self.calls.append(list(inputs))
        if "bad" in inputs:
            raise ValueError(inputs)
        if "panic" in inputs:
            raise KeyboardInterrupt
        return [number + 1 for number in inputs]


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def lane():
    return Lane("test", max_waiting=6, max_rows=8)


async def queued(lane, counter, tasks, seconds=10):
    """Let tasks wait behind another one until all of them are there."""
    counter.gate.clear()
    first = asyncio.create_task(lane.run(Task(counter.block), seconds=seconds))
    while not counter.is_blocked.is_set():
        await asyncio.sleep(0)
    runs = [asyncio.create_task(lane.run(task, seconds=seconds)) for task in tasks]
    await asyncio.sleep(0)
    counter.gate.set()
    await first
    return await asyncio.gather(*runs, return_exceptions=True)


def merging(counter, *inputs, size=1):
    return [Task(counter.compute, x, size, merges=True) for x in inputs]


def test_what_waits_is_computed_together(lane, counter):
    found = asyncio.run(queued(lane, counter, merging(counter, 1, 2, 3, 4)))

    assert found == [2, 3, 4, 5]
    assert counter.calls == [[1, 2, 3, 4]]


def test_rows_computed_together_are_limited(lane, counter):
    tasks = merging(counter, 1, 2, 3, 4, 5, size=4)

    assert asyncio.run(queued(lane, counter, tasks)) == [2, 3, 4, 5, 6]
    assert counter.calls == [[1, 2], [3, 4], [5]]


def test_others_are_not_mixed_in(lane, counter):
    other = Counter()
    tasks = [*merging(counter, 1, 2), *merging(other, 3), *merging(counter, 4, 5)]

    assert asyncio.run(queued(lane, counter, tasks)) == [2, 3, 4, 5, 6]
    assert counter.calls == [[1, 2], [4, 5]]
    assert other.calls == [[3]]


def test_some_tasks_stand_alone(lane, counter):
    tasks = [Task(counter.compute, number) for number in (1, 2, 3)]

    assert asyncio.run(queued(lane, counter, tasks)) == [2, 3, 4]
    assert counter.calls == [[1], [2], [3]]


def test_an_error_is_its_own_task_s(lane, counter):
    found = asyncio.run(queued(lane, counter, merging(counter, 1, 2, "bad", 3)))

    assert found[:2] == [2, 3]
    assert isinstance(found[2], ValueError)
    assert found[3] == 4
    # The thread lives on.
    assert asyncio.run(queued(lane, counter, merging(counter, 8))) == [9]


def test_what_is_no_exception_does_not_end_the_thread(lane, counter):
    found = asyncio.run(queued(lane, counter, merging(counter, 1, "panic")))

    assert found[0] == 2
    assert isinstance(found[1], RuntimeError)
    assert asyncio.run(queued(lane, counter, merging(counter, 8))) == [9]


def test_a_full_lane_refuses(lane, counter):
    found = asyncio.run(queued(lane, counter, merging(counter, *range(8))))

    assert found[:5] == [1, 2, 3, 4, 5]
    assert [error.status for error in found[5:]] == [429, 429, 429]
    assert lane.waiting == 0


def test_what_comes_too_late_is_given_up(lane, counter):
    async def late():
        counter.gate.clear()
        with pytest.raises(ProblemError, match=r"in 0\.05 s") as caught:
            await lane.run(Task(counter.block, 1), seconds=0.05)
        counter.gate.set()
        return caught.value.status, await lane.run(Task(counter.compute, 5), seconds=9)

    assert asyncio.run(late()) == (504, 6)


@pytest.fixture
def threads_of(lane, monkeypatch):
    """Which threads compute tasks that come one by one, this one as True."""

    def run(*, pause=-1.0, brief=10.0):
        monkeypatch.setattr("fieldwise.serving.server.lane.PAUSE_SECONDS", pause)
        monkeypatch.setattr("fieldwise.serving.server.lane.BRIEF_SECONDS", brief)
        threads = []

        def compute(inputs):
            threads.append(threading.current_thread())
            return inputs

        async def main():
            for number in range(4):
                await lane.run(Task(compute, number, merges=True), seconds=10)

        asyncio.run(main())
        return [thread is threading.current_thread() for thread in threads]

    return run


def test_after_a_pause_a_brief_task_is_computed_at_once(threads_of):
    # How long a task takes is not known at first.
    assert threads_of() == [False, True, True, True]


def test_without_a_pause_or_if_the_last_took_long_another_thread_does(threads_of):
    assert threads_of(pause=10.0) == [False] * 4
    assert threads_of(brief=0.0) == [False] * 4


def test_an_error_of_a_task_computed_at_once_is_its_own(lane, counter, threads_of):
    assert threads_of()[-1]

    async def main():
        for word, error in (("bad", ValueError), ("panic", RuntimeError)):
            with pytest.raises(error):
                await lane.run(merging(counter, word)[0], seconds=10)
        return await lane.run(merging(counter, 5)[0], seconds=10)

    assert asyncio.run(main()) == 6
    assert lane.waiting == 0
