"""Metrics of the validation rows, and which of them decides."""

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.errors import DataError, TrainingDivergedError
from fieldwise.metrics import auc, log_loss, rmse
from fieldwise.scoring import score_batches
from fieldwise.training._ranks import Ranks

__all__ = ["Evaluation"]

BATCH_SIZE = 8192
"""Rows scored at a time; without gradients more fit than in training."""


@final
class Evaluation:
    """Measures a model on validation rows, in float32, as it will be served.

    Args:
        dataset: the validation rows.
        monitor: ``auc`` or ``logloss``, as the recipe asks.
        num_workers: processes that gather batches.
        ranks: the processes that score a share of the rows each; None for this one.

    Attributes:
        monitor: the metric that decides: ``auc``, ``logloss``, or ``squared_error``
            where every label is real.
        notes: why it is not the one that was asked for.

    Raises:
        DataError: if no row has an observed label.
    """

    def __init__(
        self,
        dataset: Dataset,
        *,
        monitor: str,
        num_workers: int = 0,
        ranks: Ranks | None = None,
    ) -> None:
        self._ranks = ranks
        self._loader = Loader(
            dataset,
            batch_size=BATCH_SIZE,
            num_workers=num_workers,
            rank=ranks.rank if ranks else 0,
            num_ranks=ranks.count if ranks else 1,
        )
        labels = dataset.labels.astype(np.float64)
        weights = dataset.weights
        if weights is None:
            weights = np.ones(len(dataset), dtype=np.float32)
        self._tasks = [
            _Task(label.kind == "real", labels[:, position], weights.astype(np.float64))
            for position, label in enumerate(dataset.schema.labels)
        ]
        if not any(task.is_observed for task in self._tasks):
            message = "valid must have rows with an observed label, got none."
            raise DataError(message)
        self.notes: tuple[str, ...] = ()
        self.monitor = monitor
        if not any(task.is_observed and not task.is_real for task in self._tasks):
            self.monitor = "squared_error"
        elif monitor == "auc" and not any(task.has_auc for task in self._tasks):
            self.monitor = "logloss"
            self.notes = (
                "logloss was monitored instead of auc: the validation rows hold one "
                "class only, of which the AUC is undefined.",
            )

    @property
    def higher_is_better(self) -> bool:
        """Whether the monitored metric grows with quality."""
        return self.monitor == "auc"

    def measure(self, model: nn.Module) -> dict[str, float]:
        """Score the rows and compare them with their labels.

        Args:
            model: returns logits; its mode is left as it was.

        Returns:
            Each metric as the mean over the tasks that have it: ``auc``, ``logloss``
            (nats), ``squared_error`` (squared standard deviations of the label).

        Raises:
            TrainingDivergedError: if a logit is not finite.
        """
        logits = self._logits(model)
        if not np.isfinite(logits).all():
            message = (
                "logits of validation rows must be finite, got infinite or undefined "
                "ones. Lower learning_rate, or look for extreme numbers in the rows."
            )
            raise TrainingDivergedError(message)
        logits = logits.reshape(len(logits), -1)
        values: dict[str, list[float]] = {}
        for position, task in enumerate(self._tasks):
            for name, value in task.measure(logits[:, position]).items():
                values.setdefault(name, []).append(value)
        return {name: float(np.mean(found)) for name, found in values.items()}

    def _logits(self, model: nn.Module) -> NDArray[np.float64]:
        """Logits of all rows, in row order, in every process."""
        logits = score_batches(model, self._loader.epoch(0))
        if self._ranks is None or self._ranks.count == 1:
            return logits
        # Metrics of parts cannot be averaged: an AUC compares every row with every
        # other. So the scores come together, and each process measures all of them.
        num_rows = len(self._loader.dataset)
        logits = logits.reshape(-1, len(self._tasks))
        together = np.empty((num_rows, len(self._tasks)))
        for rank, part in enumerate(self._ranks.gather_rows(logits)):
            together[self._loader.rows_of(rank)] = part
        return together


@final
class _Task:
    """The rows of one label that count: observed, and with a weight."""

    def __init__(
        self, is_real: bool, labels: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> None:
        self.is_real = is_real
        self.rows = ~np.isnan(labels) & (weights > 0)
        self.labels = labels[self.rows]
        self.weights = weights[self.rows]
        self.is_observed = bool(self.rows.any())
        self.has_auc = not is_real and len(np.unique(self.labels)) == 2

    def measure(self, logits: NDArray[np.float64]) -> dict[str, float]:
        if not self.is_observed:
            return {}
        observed = logits[self.rows]
        if self.is_real:
            error = rmse(self.labels, observed, weights=self.weights)
            return {"squared_error": error**2}
        probabilities = torch.sigmoid(torch.from_numpy(observed)).numpy()
        found = {}
        if self.has_auc:
            found["auc"] = auc(self.labels, observed, weights=self.weights)
        found["logloss"] = log_loss(self.labels, probabilities, weights=self.weights)
        return found
