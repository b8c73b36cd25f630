"""The clock and the measures of quality."""

import math

import pytest

from benchmarks.peers.runners import measuring


def test_quality_by_hand():
    found = measuring.quality([1, 0, 1], [[0.8], [0.5], [0.4]])

    # Of the pairs (0.8, 0.5) and (0.4, 0.5) one is in order.
    assert found["auc"] == 0.5
    expected = -(math.log(0.8) + math.log(0.5) + math.log(0.4)) / 3
    assert found["log_loss"] == pytest.approx(expected)


def test_certainty_is_not_punished_without_end():
    assert measuring.quality([1, 0], [1.0, 1.0])["log_loss"] < 10


@pytest.fixture
def clock(monkeypatch):
    """A clock that a call moves by whole seconds."""
    now = [0.0]
    monkeypatch.setattr(measuring.time, "perf_counter", lambda: now[0])

    def call(seconds=1.0):
        now[0] += seconds

    return call


def test_fastest_of_two(clock):
    pauses = iter([2.0, 5.0])

    def call():
        pause = next(pauses)
        clock(pause)
        return pause

    assert measuring.fastest(call) == (2.0, 5.0)


def test_latency_is_in_milliseconds(clock):
    found = measuring.latencies("one", lambda: clock(0.004), calls=20)

    assert found == pytest.approx({"one_p50_ms": 4.0, "one_p99_ms": 4.0})


def test_slow_calls_are_made_less_often(clock):
    calls = []

    measuring.latencies("one", lambda: calls.append(clock()), calls=500)

    assert len(calls) == measuring.WARM_UP_CALLS + measuring.MIN_CALLS
