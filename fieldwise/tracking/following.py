"""Trackers beside a fit: told of everything, and never in its way."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, final

from fieldwise.ranker import Ranker
from fieldwise.tracking.tracker import Tracker
from fieldwise.training.history import EpochRecord

__all__ = ["Followers", "tracked"]

_LOG = logging.getLogger("fieldwise")


@final
class Followers:
    """The trackers of one fit. One that fails is told of, closed, and left out.

    Args:
        trackers: in the order they are told.
    """

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self._trackers = list(trackers)
        self._epochs: set[int] = set()

    def start(self, settings: Mapping[str, Any]) -> None:
        """Tell the settings.

        Args:
            settings: of the fit.
        """
        self._tell(lambda tracker: tracker.start(settings))
        for tracker in self._trackers:
            _LOG.info("tracked by %s", tracker)

    def epoch(self, record: EpochRecord) -> None:
        """Tell an epoch.

        Args:
            record: what happened in it.
        """
        self._epochs.add(record.epoch)
        self._tell(lambda tracker: tracker.epoch(record))

    def finish(self, ranker: Ranker) -> None:
        """Tell the result; and first, of a fit that was resumed, the epochs before.

        Args:
            ranker: what was fitted.
        """
        for entry in ranker.info["history"]["epochs"]:
            if entry["epoch"] not in self._epochs:
                self.epoch(EpochRecord(**entry))
        self._tell(lambda tracker: tracker.finish(ranker))

    def close(self, *, complete: bool) -> None:
        """End.

        Args:
            complete: whether the fit came to its end.
        """
        self._tell(lambda tracker: tracker.close(complete=complete), is_last=True)

    def _tell(self, call: Callable[[Tracker], None], *, is_last: bool = False) -> None:
        for tracker in list(self._trackers):
            try:
                call(tracker)
            # Anything at all: a server that is away must not cost hours of training.
            except Exception as error:
                self._trackers.remove(tracker)
                _LOG.warning(
                    "%s failed and is told no more; the fit goes on: %s",
                    type(tracker).__name__,
                    error,
                )
                if not is_last:
                    _close_failed(tracker)


def _close_failed(tracker: Tracker) -> None:
    try:
        tracker.close(complete=False)
    except Exception as error:
        _LOG.info("%s could not be closed: %s", type(tracker).__name__, error)


@contextmanager
def tracked(
    trackers: Sequence[Tracker], settings: Mapping[str, Any]
) -> Iterator[Followers]:
    """Let trackers follow a fit.

    Args:
        trackers: who follows.
        settings: of the fit.

    Yields:
        What is to be told of epochs and of the result.
    """
    followers = Followers(trackers)
    complete = False
    try:
        followers.start(settings)
        yield followers
        complete = True
    finally:
        followers.close(complete=complete)
