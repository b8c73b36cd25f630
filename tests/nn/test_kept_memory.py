"""kept_memory: what it sets, when it ends, and that pages stay."""

import threading

import pytest
import torch

from fieldwise.nn import kept_memory as home
from fieldwise.nn.kept_memory import kept_memory


@pytest.fixture
def settings(monkeypatch):
    """What was set, in order: name and value."""
    calls = []

    class Library:
        def mallopt(self, name, value):
            calls.append((name, value))

    monkeypatch.setattr(home, "_glibc", Library)
    return calls


def trims(settings):
    return [value for name, value in settings if name == home.TRIM_THRESHOLD]


def test_keeps_inside_and_trims_after(settings):
    with kept_memory():
        assert trims(settings) == [home.KEPT]

    assert trims(settings) == [home.KEPT, home.USUAL]


def test_the_last_of_several_blocks_ends_it(settings):
    inside, outside = threading.Event(), threading.Event()

    def other():
        with kept_memory():
            inside.set()
            outside.wait(10)

    thread = threading.Thread(target=other)
    with kept_memory():
        thread.start()
        inside.wait(10)
    assert trims(settings)[-1] == home.KEPT

    outside.set()
    thread.join()

    assert trims(settings)[-1] == home.USUAL


def test_ends_after_an_error(settings):
    with pytest.raises(KeyError), kept_memory():
        {}["absent"]

    assert trims(settings)[-1] == home.USUAL


@pytest.mark.parametrize("name", ["GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_"])
def test_leaves_the_users_settings_alone(monkeypatch, name):
    monkeypatch.setenv(name, "1")

    assert home._glibc.__wrapped__() is None


def test_other_platforms(monkeypatch):
    monkeypatch.setattr(home.sys, "platform", "darwin")

    assert home._glibc.__wrapped__() is None


@pytest.mark.skipif(home._glibc() is None, reason="another allocator")
def test_a_step_gets_no_new_pages():
    import resource

    def faults_of_a_step():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        torch.zeros(8, 2**18) + torch.zeros(8, 2**18)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    with kept_memory():
        # What else the process does between two steps is not counted.
        fewest = min(faults_of_a_step() for _ in range(10))

    # Three tensors of 2,048 pages each.
    assert fewest < 3 * 2048 / 10
