"""Tools that a fit is told to, by the names of ``--track``."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fieldwise.cli.run_folder import free_folder
from fieldwise.errors import ConfigError

if TYPE_CHECKING:
    from fieldwise.tracking import MLflowTracker, TensorBoardTracker

    KnownTracker = MLflowTracker | TensorBoardTracker

__all__ = ["TRACKERS", "open_trackers"]


def open_trackers(names: Sequence[str] | None, run: Path) -> "list[KnownTracker]":
    """Make the trackers of a fit.

    Args:
        names: of ``TRACKERS``; None for none.
        run: folder of the run.

    Returns:
        One tracker for each name.

    Raises:
        ConfigError: if a name is none of a tracker.
        MissingExtraError: if a tool is not installed.
    """
    chosen = list(dict.fromkeys(names or ()))
    if unknown := [name for name in chosen if name not in TRACKERS]:
        message = f"--track must be one of {', '.join(TRACKERS)}, got {unknown}."
        raise ConfigError(message)
    return [TRACKERS[name](run) for name in chosen]


def _mlflow(run: Path) -> "MLflowTracker":
    from fieldwise.tracking import MLflowTracker

    return MLflowTracker(run_name=run.name)


def _tensorboard(run: Path) -> "TensorBoardTracker":
    """Beside the runs, so that one TensorBoard shows all of them while they go on."""
    from fieldwise.tracking import TensorBoardTracker

    return TensorBoardTracker(free_folder(run.parent / "tensorboard" / run.name))


TRACKERS: "Mapping[str, Callable[[Path], KnownTracker]]" = {
    "mlflow": _mlflow,
    "tensorboard": _tensorboard,
}
