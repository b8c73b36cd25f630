"""What others do on the machine."""

import os

import pytest

from benchmarks.peers import machine


def test_foreign_cores():
    # 3 s of work in 2 s, 1 s of it our own: (3 - 1) / 2
    assert machine.foreign_cores(3.0, 1.0, 2.0) == 1.0


@pytest.mark.parametrize(("busy", "seconds"), [(0.5, 2.0), (3.0, 0.0)])
def test_foreign_cores_are_never_negative(busy, seconds):
    assert machine.foreign_cores(busy, 1.0, seconds) == 0.0


def test_busy_seconds_only_grow():
    first = machine.busy_seconds()

    assert machine.busy_seconds() >= first > 0


def test_own_process_is_in_its_tree():
    assert machine.process_tree(os.getpid())[0] == os.getpid()
    assert machine.tree_megabytes(os.getpid()) > 1


def test_a_process_that_is_gone_weighs_nothing():
    assert machine.tree_megabytes(2**22 + 1) == 0


@pytest.mark.parametrize(("load", "quiet"), [(0.1, True), (0.3, False)])
def test_waits_no_longer_than_patience(monkeypatch, load, quiet):
    monkeypatch.setattr(machine, "foreign_cores", lambda *_: load)

    assert machine.wait_until_quiet(0.0, sleep=lambda _: None) is quiet


def test_cores_are_given_back_by_the_test():
    allowed = os.sched_getaffinity(0)
    try:
        assert machine.keep_to_cores(1) == 1
        assert len(os.sched_getaffinity(0)) == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_description_names_the_hardware():
    described = machine.describe_machine()

    assert set(described) == {"processor", "cores", "memory", "system", "python"}
    assert all(described.values())
