"""Threads do the work, and nobody notices."""

import threading
import time
from itertools import count

import pytest

from fieldwise.data._in_order import in_order


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("num_items", [0, 1, 3, 40])
def test_results_come_in_order(workers, num_items):
    def late(item):
        time.sleep(0.001 * (item % 3))
        return -item

    found = list(in_order(late, range(num_items), workers=workers))
    assert found == [-item for item in range(num_items)]


def test_items_are_taken_in_the_thread_of_the_caller():
    takers, workers = set(), set()

    def items():
        for item in range(10):
            takers.add(threading.get_ident())
            yield item

    list(in_order(lambda _: workers.add(threading.get_ident()), items(), workers=2))
    assert takers == {threading.get_ident()}
    assert not takers & workers


def test_few_items_are_taken_ahead():
    taken = []

    def items():
        for item in count():
            taken.append(item)
            yield item

    results = in_order(abs, items(), workers=2)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert len(taken) <= 5 + 3
    results.close()


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_comes_in_its_place(workers):
    def fail(item):
        if item == 3:
            raise KeyError(item)
        return item

    results = in_order(fail, range(10), workers=workers)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError):
        next(results)
