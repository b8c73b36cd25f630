"""Numbers as people read them, at their borders."""

import pytest

from fieldwise.report.figures import NOTHING, count, duration, figure, joined, percent


@pytest.mark.parametrize("write", [count, figure, percent, duration])
def test_nothing(write):
    assert write(None) == NOTHING


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0.0%"), (0.5, "50.0%"), (0.00005, "0.0050%"), (-0.125, "-12.5%")],
)
def test_percent(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0004, "0.4 ms"), (59.94, "59.9 s"), (3599.9, "1 h 0 min"), (60, "1 min 0 s")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_joined():
    assert joined([]) == ""
    assert joined(("a", "b")) == "a, b"
    assert figure(float("nan")) == NOTHING
