"""A model, and the rows that every explanation of it compares with.

What a field adds can only be told beside what it would have said otherwise. Here that
is what it says in some real rows, drawn once and shared by all explained rows: what is
said about different rows is then about one and the same comparison.
"""

from collections.abc import Iterator
from copy import copy
from typing import final

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError
from fieldwise.schema import Schema
from fieldwise.sensitivity import Embedded, SplitModel

__all__ = ["NUM_BASELINES", "BaselineModel", "draw_baselines"]

NUM_BASELINES = 64
"""Rows to compare with, where nobody says otherwise: the mean of what a field says in
them is an eighth of a standard deviation from that in all rows."""
MAX_POINTS = 8192
"""Rows that go through the model at a time."""

Array = NDArray[np.float64]


def draw_baselines(
    dataset: Dataset, *, num_baselines: int = NUM_BASELINES, seed: int = 0
) -> Batch:
    """Draw the rows to compare with.

    Args:
        dataset: rows to draw from; what is drawn repeats for a seed.
        num_baselines: how many; of fewer rows all.
        seed: of the draw.

    Returns:
        Different rows of the data.

    Raises:
        DataError: if there is no row.
        ValueError: if the number is not positive.
    """
    check_positive("num_baselines", num_baselines)
    if not len(dataset):
        message = "dataset must hold at least one row to compare with, got none."
        raise DataError(message)
    random = np.random.default_rng(seed)
    count = min(num_baselines, len(dataset))
    rows = np.sort(random.choice(len(dataset), count, replace=False))
    return dataset.batch(rows)


@final
class BaselineModel:
    """One logit of a model, with rows in whose place other rows are thought.

    The model is not touched, and runs in eval mode, in its own precision, on the
    device it is on; see ``SplitModel``. Threads may share it.

    Args:
        model: the trained model.
        schema: the fields of its rows, in order.
        baselines: rows to compare with, at least one; see ``draw_baselines``.
        task: number of the logit, where the model has several.

    Attributes:
        split: the model in two halves.
        baselines: the rows to compare with, embedded.
        baseline_logits: ``(baseline,)``.
        base: the mean of them: where every explanation starts.

    Raises:
        DataError: if there is no baseline, or the model has no field embedding.
        IndexError: if the model has no such logit.
    """

    def __init__(
        self, model: nn.Module, schema: Schema, baselines: Batch, *, task: int = 0
    ) -> None:
        if not len(baselines):
            message = "baselines must hold at least one row, got none."
            raise DataError(message)
        self.split = SplitModel(model, schema)
        self.task = task
        self.baselines = self.embed(baselines)
        self.baseline_logits = self.score(self.baselines)
        self.base = float(self.baseline_logits.mean())

    def first(self, num_baselines: int) -> "BaselineModel":
        """Compare with fewer rows, for what is scored beside each of them often.

        Args:
            num_baselines: how many; of fewer all.

        Returns:
            The same model with the first of its baselines.
        """
        kept, fewer = slice(0, num_baselines), copy(self)
        fewer.baselines = self.baselines.take(kept)
        fewer.baseline_logits = self.baseline_logits[kept]
        fewer.base = float(fewer.baseline_logits.mean())
        return fewer

    @property
    def schema(self) -> Schema:
        """The fields of the rows, in order."""
        return self.split.schema

    def embed(self, rows: Batch | Embedded) -> Embedded:
        """Look up what the fields of some rows say.

        Args:
            rows: encoded rows, on any device; embedded ones are taken as they are.

        Returns:
            Their embeddings.
        """
        if isinstance(rows, Embedded):
            return rows
        return self.split.embed(rows.to(self.split.device))

    def logits(self, embedded: Embedded) -> Float[Tensor, " row"]:
        """Score embedded rows; gradients reach the parts that ask for them.

        Args:
            embedded: what the fields say.

        Returns:
            One logit a row.
        """
        logits = self.split.forward_from_embeddings(embedded)
        if logits.ndim == 1 and self.task not in (0, -1):
            message = f"task must be 0 of a model of one logit, got {self.task}."
            raise IndexError(message)
        return logits if logits.ndim == 1 else logits[:, self.task]

    def score(self, embedded: Embedded) -> Array:
        """Score embedded rows, without gradients.

        Args:
            embedded: what the fields say.

        Returns:
            Logits, ``(row,)``.
        """
        with torch.no_grad():
            parts = [
                self.logits(embedded.take(slice(start, start + MAX_POINTS)))
                for start in range(0, len(embedded), MAX_POINTS)
            ]
        if not parts:
            return np.empty(0)
        return np.asarray(torch.cat(parts).double().cpu().numpy())

    def score_replaced(
        self, rows: Embedded, is_replaced: Bool[Tensor, "rows mask field"]
    ) -> Array:
        """Score rows of which some fields say what they say in the baselines.

        Args:
            rows: embedded rows.
            is_replaced: masks of fields, in the order of the schema: a set of masks
                for each row, or one set for all of them.

        Returns:
            Logits, the mean over the baselines, ``(row, mask)``.
        """
        num_masks, num_baselines = is_replaced.shape[1], len(self.baselines)
        found = np.empty((len(rows), num_masks))
        for row, mask in _blocks(len(rows), num_masks, num_baselines):
            masks = is_replaced[row if len(is_replaced) > 1 else slice(None), mask]
            masks = masks.expand(row.stop - row.start, -1, -1).to(self.split.device)
            scores = self._score_block(rows.take(row), masks)
            found[row, mask] = scores.mean(axis=-1)
        return found

    def _score_block(
        self, rows: Embedded, masks: Bool[Tensor, "row mask field"]
    ) -> Array:
        shape = (*masks.shape[:2], len(self.baselines))
        numbers = torch.arange(int(np.prod(shape)), device=masks.device)
        row_and_mask = torch.div(numbers, shape[2], rounding_mode="floor")
        row = torch.div(row_and_mask, shape[1], rounding_mode="floor")
        mixed = self.split.mix(
            rows.take(row),
            self.baselines.take(numbers % shape[2]),
            masks.flatten(end_dim=1)[row_and_mask],
        )
        return self.score(mixed).reshape(shape)


def _blocks(
    num_rows: int, num_masks: int, num_baselines: int
) -> Iterator[tuple[slice, slice]]:
    """Rows and masks that go through the model together."""
    mask_step = max(1, min(num_masks, MAX_POINTS // num_baselines))
    row_step = max(1, MAX_POINTS // (num_baselines * mask_step))
    for row in range(0, num_rows, row_step):
        for mask in range(0, num_masks, mask_step):
            yield (
                slice(row, min(row + row_step, num_rows)),
                slice(mask, min(mask + mask_step, num_masks)),
            )
