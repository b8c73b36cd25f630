"""One model in one arithmetic, measured again and again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import final

import numpy as np
import torch

from benchmarks.speed.arithmetics import Arithmetic
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.models import build_model
from fieldwise.nn.arithmetic import products_by
from fieldwise.nn.precision import autocast
from fieldwise.scoring import score_batches
from fieldwise.training import Recipe, Trainer

__all__ = ["Figures", "Subject"]

TOWER = {"embedding_dim": 16, "hidden_dims": (400, 400, 400)}
SCORING_BATCH = 8192
NUM_CALLS = {1: 500, 512: 50}
"""How often the model is called for a latency, by number of rows."""

COLUMNS = {
    "train": "train rows/s",
    "predict": "predict rows/s",
    "one_row": "1 row ms",
    "some_rows": "512 rows ms",
}


@final
@dataclass
class Figures:
    """What was measured, a number per round.

    Args:
        train: rows per second of a training epoch.
        predict: rows per second from encoded rows to logits.
        one_row: milliseconds of the model call, median of the round.
        some_rows: the same for 512 rows.
    """

    train: list[float] = field(default_factory=list)
    predict: list[float] = field(default_factory=list)
    one_row: list[float] = field(default_factory=list)
    some_rows: list[float] = field(default_factory=list)

    @staticmethod
    def header() -> str:
        """Names of the columns."""
        titles = "".join(f"{title:>16}" for title in COLUMNS.values())
        return f"{'model':8}{'arithmetic':16}{titles}"

    def line(self, model: str, arithmetic: str) -> str:
        """Medians over the rounds.

        Args:
            model: its name.
            arithmetic: its name.

        Returns:
            A line of the table.
        """
        medians = [median(getattr(self, column)) for column in COLUMNS]
        cells = f"{medians[0]:16,.0f}{medians[1]:16,.0f}"
        return f"{model:8}{arithmetic:16}{cells}{medians[2]:16.3f}{medians[3]:16.2f}"


@final
class Subject:
    """A model in an arithmetic.

    Args:
        name: of the model.
        arithmetic: that it is computed in.
        dataset: to train on and to score.
        optimizer: as ``Recipe`` names it.
    """

    def __init__(
        self, name: str, arithmetic: Arithmetic, dataset: Dataset, *, optimizer: str
    ) -> None:
        self.name = name
        self.arithmetic = arithmetic
        self.figures = Figures()
        self._dataset = dataset
        torch.manual_seed(0)
        self._model = build_model(name, dataset.schema, **TOWER)
        recipe = {
            "optimizer": optimizer,
            "precision": arithmetic.precision,
            "num_epochs": 1,
            "batch_size": 4096,
        }
        self._trainer = Trainer(
            Recipe.from_dict(recipe), accelerator="cpu", progress=False
        )

    def measure(self) -> None:
        """Add one number to each of the figures."""
        with products_by(self.arithmetic.backend):
            history = self._trainer.fit(self._model, self._dataset)
            self.figures.train.append(history.epochs[-1].rows_per_second)
            self.figures.predict.append(len(self._dataset) / _seconds(self._score))
            self.figures.one_row.append(1e3 * self._latency(1))
            self.figures.some_rows.append(1e3 * self._latency(512))

    def _score(self) -> None:
        batches = Loader(self._dataset, batch_size=SCORING_BATCH).epoch(0)
        score_batches(self._model, batches, precision=self.arithmetic.precision)

    def _latency(self, num_rows: int) -> float:
        batch = self._dataset.batch(np.arange(num_rows))
        block = autocast(self.arithmetic.precision, "cpu")
        with torch.inference_mode(), block:
            self._model(batch)
            return median(
                _seconds(lambda: self._model(batch)) for _ in range(NUM_CALLS[num_rows])
            )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
