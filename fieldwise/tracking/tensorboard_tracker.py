"""Curves of a fit in TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from fieldwise._markdown import cell
from fieldwise.errors import MissingExtraError
from fieldwise.ranker import Ranker
from fieldwise.tracking.flat_values import flat_metrics, flat_settings
from fieldwise.training.history import EpochRecord

__all__ = ["TensorBoardTracker"]


@final
class TensorBoardTracker:
    """Writes what happens in a fit to event files that TensorBoard shows.

    ``tensorboard --logdir FOLDER`` draws them while the fit goes on. Losses, metrics of
    the validation rows and the learning rate have one point per epoch; the metrics of
    the ranker stand under ``final``, the settings under ``Text``.

    Args:
        folder: of the event files; one for each fit.

    Attributes:
        complete: whether a fit was followed to its end.

    Raises:
        MissingExtraError: if TensorBoard is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            message = (
                "TensorBoardTracker needs TensorBoard. "
                "Run: pip install 'fieldwise[tensorboard]'"
            )
            raise MissingExtraError(message) from error
        self.folder = Path(folder)
        self.complete = False
        self._open = SummaryWriter
        self._writer: SummaryWriter | None = None

    def __str__(self) -> str:
        return f"TensorBoard in {self.folder}"

    def start(self, settings: Mapping[str, Any]) -> None:
        """Write the settings.

        Args:
            settings: of the fit.
        """
        self._writer = self._open(str(self.folder))
        rows = [
            f"| {cell(name)} | {cell(value)} |"
            for name, value in flat_settings(settings).items()
        ]
        table = "\n".join(["| setting | value |", "| --- | --- |", *rows])
        self._writer.add_text("settings", table)
        self._writer.flush()

    def epoch(self, record: EpochRecord) -> None:
        """Write a point of every curve.

        Args:
            record: what happened in the epoch.
        """
        values = {
            "loss/train": record.train_loss,
            "learning_rate": record.learning_rate,
        }
        values |= {f"valid/{name}": x for name, x in record.valid_metrics.items()}
        values |= {"speed/rows_per_second": record.rows_per_second}
        self._write(values, record.epoch)

    def finish(self, ranker: Ranker) -> None:
        """Write the metrics of the held-out parts.

        Args:
            ranker: what was fitted.
        """
        final = flat_metrics(ranker.metrics)
        values = {f"final/{name}": value for name, value in final.items()}
        self._write(values, ranker.info["history"]["best_epoch"])

    def close(self, *, complete: bool) -> None:
        """Close the files.

        Args:
            complete: whether the fit came to its end.
        """
        if self._writer is not None:
            self._writer.close()
        self.complete = complete

    def _write(self, values: Mapping[str, float], step: int) -> None:
        if self._writer is None:
            return
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()
