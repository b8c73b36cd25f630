"""The least limit counts, wherever it is written."""

import os
import resource

import pytest

from fieldwise.data import _memory
from fieldwise.data._memory import memory_limit

MACHINE = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(autouse=True)
def unlimited_process(monkeypatch):
    infinite = resource.RLIM_INFINITY
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (infinite, infinite))


@pytest.fixture
def write(tmp_path):
    def make(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path

    return make


def test_the_machine(tmp_path):
    assert memory_limit(tmp_path) == MACHINE


@pytest.mark.parametrize("group", ["a/b", "a", ""])
def test_a_group_and_those_around_it(write, group):
    write("proc/self/cgroup", "0::/a/b\n")
    write("sys/fs/cgroup/a/b/memory.max", "max\n")

    root = write(f"sys/fs/cgroup/{group}/memory.max", "1000000\n")

    assert memory_limit(root) == 1_000_000


def test_the_least_of_several_groups(write):
    write("proc/self/cgroup", "0::/a\n")
    write("sys/fs/cgroup/memory.max", "3000\n")

    assert memory_limit(write("sys/fs/cgroup/a/memory.max", "2000\n")) == 2000


def test_control_groups_of_version_1(write):
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/a\n0::/\n")

    root = write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "4000\n")

    assert memory_limit(root) == 4000


def test_version_1_says_unlimited_with_a_large_number(write):
    write("proc/self/cgroup", "4:memory:/\n")

    root = write("sys/fs/cgroup/memory/memory.limit_in_bytes", f"{2**63 - 4096}\n")

    assert memory_limit(root) == MACHINE


@pytest.mark.parametrize("kind", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_the_process(tmp_path, monkeypatch, kind):
    infinite = resource.RLIM_INFINITY
    limits = {getattr(resource, kind): 5000}
    monkeypatch.setattr(
        resource, "getrlimit", lambda of: (limits.get(of, infinite), infinite)
    )

    assert memory_limit(tmp_path) == 5000


def test_a_system_that_tells_nothing(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sysconf")

    assert _memory.memory_limit(tmp_path) is None
