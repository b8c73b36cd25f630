"""Who is told of a fit while it goes on."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from fieldwise.ranker import Ranker
from fieldwise.training.history import EpochRecord

__all__ = ["Tracker"]


@runtime_checkable
class Tracker(Protocol):
    """Follows one fit. Whatever it raises is told, and it is asked no more."""

    def start(self, settings: Mapping[str, Any]) -> None:
        """Begin, before the first epoch.

        Args:
            settings: of the fit, plain JSON types by name, some of them nested.
        """
        ...  # pragma: no cover

    def epoch(self, record: EpochRecord) -> None:
        """Note an epoch.

        Args:
            record: what happened in it.
        """
        ...  # pragma: no cover

    def finish(self, ranker: Ranker) -> None:
        """Note the result.

        Args:
            ranker: fitted, calibrated and measured.
        """
        ...  # pragma: no cover

    def close(self, *, complete: bool) -> None:
        """End, also where the fit or this tracker failed.

        Args:
            complete: whether the fit came to its end and was noted to its end.
        """
        ...  # pragma: no cover
