"""What a tracker is."""

import inspect

import pytest

from fieldwise.tracking import MLflowTracker, TensorBoardTracker, Tracker

METHODS = ("start", "epoch", "finish", "close")


@pytest.mark.parametrize("kind", [MLflowTracker, TensorBoardTracker])
@pytest.mark.parametrize("method", METHODS)
def test_every_tracker_has_the_methods(kind, method):
    wanted = inspect.signature(getattr(Tracker, method))

    assert inspect.signature(getattr(kind, method)) == wanted
