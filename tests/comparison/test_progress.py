"""A bar for people, silence for everything else."""

import io
import logging
import math
import sys

import pytest

from fieldwise.comparison.plan import Job
from fieldwise.comparison.progress import FitBar, seconds_left

LOG = logging.getLogger("fieldwise")


def test_time_left_by_model():
    jobs = [Job(1, "a"), Job(1, "b"), Job(0, "c")]

    # a takes (2 + 4) / 2, b 10, c is unknown: (3 + 10) / 2.
    assert seconds_left(jobs, {"a": [2.0, 4.0], "b": [10.0]}) == 19.5
    assert math.isnan(seconds_left(jobs, {"a": []}))
    assert seconds_left([], {"a": [1.0]}) == 0


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_shows_fit_epoch_and_time_left(monkeypatch):
    terminal, handlers = Terminal(), list(LOG.handlers)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    LOG.setLevel(logging.INFO)

    with FitBar(enabled=None, total=3, done=1) as bar:
        bar.start(Job(1, "dcnv2"), 4000.0)
        LOG.info("epoch 3: train loss 0.5, auc 0.8, learning rate 1e-3")
        LOG.info("something else")
        bar.finish()

    LOG.setLevel(logging.NOTSET)
    shown = terminal.getvalue()
    assert "dcnv2, seed 1" in shown
    assert "2/3" in shown
    assert "epoch 3: train loss 0.5, auc 0.8" in shown
    assert "learning rate" not in shown
    assert "1:06:" in shown
    assert LOG.handlers == handlers


@pytest.mark.parametrize("enabled", [None, False])
def test_silent(capfd, enabled):
    with FitBar(enabled=enabled, total=3, done=0) as bar:
        bar.start(Job(1, "dcnv2"), math.nan)
        bar.finish()

    assert capfd.readouterr() == ("", "")
