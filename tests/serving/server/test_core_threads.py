"""Parts of one request in several threads, each on a core of its own."""

import os
import threading
import time

import pytest

from fieldwise.serving.server.core_threads import in_parts

needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="this system has one core, or does not say which",
)


def test_results_stand_in_the_order_of_the_parts():
    def compute(part):
        time.sleep(0.01 * (3 - part))
        return part, threading.get_ident()

    results = in_parts(compute, [0, 1, 2])

    assert [part for part, _ in results] == [0, 1, 2]
    assert results[0][1] == threading.get_ident()
    assert len({thread for _, thread in results}) == 3


def test_one_part_needs_nobody():
    before = threading.active_count()

    assert in_parts(lambda part: (part, threading.get_ident()), [7]) == [
        (7, threading.get_ident())
    ]
    assert threading.active_count() == before


@needs_cores
def test_no_part_shares_the_core_of_the_first():
    allowed = os.sched_getaffinity(0)

    first, *others = in_parts(lambda _: os.sched_getaffinity(0), range(3))

    assert len(first) == 1
    assert others == [allowed - first] * 2
    assert os.sched_getaffinity(0) == allowed


@needs_cores
@pytest.mark.parametrize("bad", [0, 1])
def test_an_error_is_told_and_the_core_left(bad):
    allowed = os.sched_getaffinity(0)

    def compute(part):
        if part == bad:
            raise ValueError(part)

    with pytest.raises(ValueError, match=str(bad)):
        in_parts(compute, [0, 1])

    assert os.sched_getaffinity(0) == allowed


def test_a_system_that_does_not_say_its_cores(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)

    assert in_parts(abs, [-1, -2]) == [1, 2]


@needs_cores
def test_cores_that_may_not_be_chosen(monkeypatch):
    def refuse(thread, cores):
        raise PermissionError

    monkeypatch.setattr(os, "sched_setaffinity", refuse)

    assert in_parts(abs, [-1, -2]) == [1, 2]
