"""Fit any module that maps a batch to logits."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, final

import torch
from torch import nn

from fieldwise._checks import check_non_negative
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import choose_shuffle
from fieldwise.errors import DataError
from fieldwise.nn.arithmetic import products_by
from fieldwise.nn.fastest_products import fastest_products
from fieldwise.nn.kept_memory import kept_memory
from fieldwise.training.history import EpochRecord, History
from fieldwise.training.parameter_groups import ParameterGroups, sparse_lookups
from fieldwise.training.processes import process_rank
from fieldwise.training.recipe import Recipe

if TYPE_CHECKING:
    from fieldwise.training._ranks import Ranks
    from fieldwise.training.checkpoint import Checkpoint

__all__ = ["Trainer"]

_LOG = logging.getLogger("fieldwise")


@final
class Trainer:
    """Trains models by a recipe, on one device.

    For one seed the weights after each epoch are the same with and without validation
    rows, as long as the monitor improves and the learning rate therefore stays, and
    the same with any number of workers.

    Examples:
        >>> import numpy as np
        >>> from fieldwise.schema import Label, NumericField, Schema
        >>> class Line(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.layer = nn.Linear(1, 1)
        ...
        ...     def forward(self, batch):
        ...         return self.layer(batch.numbers).squeeze(1)
        >>> price = NumericField("price", encoding="standard", center=0.0, scale=1.0)
        >>> schema = Schema((price,), labels=(Label("sold", "binary", positive=1),))
        >>> rows = np.array([[-1, 0], [1, 1]] * 50, dtype=np.float32).view(np.int32)
        >>> recipe = Recipe(num_epochs=3, batch_size=10, learning_rate=0.1)
        >>> history = Trainer(recipe).fit(Line(), Dataset(schema, rows))
        >>> len(history.epochs), history.epochs[-1].train_loss < 0.5
        (3, True)

    Args:
        recipe: how to train.
        accelerator: ``auto`` takes a GPU where there is one; else ``cpu``, ``cuda``,
            ``mps``.
        num_workers: processes that gather batches; 0 gathers in this one.
        progress: show a progress bar; None shows it where stderr is a terminal. Of
            several processes only the first shows one.
        checkpoints: folder that holds the state of runs; the same fit, called again
            after its process was killed, goes on from there, also in the middle of
            an epoch, and ends with the very same weights. The state of a finished
            run stays until it is deleted. None keeps none.
        checkpoint_seconds: between two checkpoints, at least.

    Raises:
        ValueError: if ``num_workers`` or ``checkpoint_seconds`` is negative.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        accelerator: str = "auto",
        num_workers: int = 0,
        progress: bool | None = None,
        checkpoints: str | Path | None = None,
        checkpoint_seconds: float = 10.0,
    ) -> None:
        check_non_negative("num_workers", num_workers)
        check_non_negative("checkpoint_seconds", checkpoint_seconds)
        self.recipe = recipe
        self.accelerator = accelerator
        self.num_workers = num_workers
        self.progress = progress
        self.checkpoints = None if checkpoints is None else Path(checkpoints)
        self.checkpoint_seconds = checkpoint_seconds

    def fit(
        self,
        model: nn.Module,
        train: Dataset,
        valid: Dataset | None = None,
        *,
        on_epoch_end: Callable[[EpochRecord], None] | None = None,
        log: Callable[[str], None] | None = None,
        after_step: Callable[[], None] | None = None,
    ) -> History:
        """Train a model in place, and leave it in eval mode on the device of training.

        With validation rows the model ends with the weights of its best epoch, also
        when training is interrupted from the keyboard or diverges: the exception
        then reaches the caller after the best weights so far are back. Without them
        it trains for exactly ``num_epochs`` and keeps its last weights. The caller's
        random state is left alone.

        Args:
            model: a batch in, logits ``(batch,)`` or ``(batch, task)`` out; the
                tables of its ``FieldEmbedding`` are found by themselves.
            train: labelled rows to learn from.
            valid: labelled rows that choose the best epoch.
            on_epoch_end: called after each epoch, while the model still has that
                epoch's weights (not their running mean).
            log: called after each epoch with a line of text.
            after_step: called after each training step, when the weights have moved;
                what it does to the model is part of the training. A state of its own
                is not part of a checkpoint.

        Returns:
            What happened.

        Raises:
            DataError: if a dataset is empty, has no labels or other columns, or
                processes do not share the folder of checkpoints.
            TrainingDivergedError: if the loss or a weight is no longer finite.
        """
        # Lightning takes more than a second to import: only a fit should wait for it.
        from fieldwise.training._precision import isolated_random_state, open_fabric
        from fieldwise.training._ranks import Ranks
        from fieldwise.training._run import TrainingRun
        from fieldwise.training._step import wants_sparse_lookups

        _check_datasets(train, valid)
        fabric, precision = open_fabric(self.accelerator, self.recipe.precision)
        fabric.to_device(model)
        groups = ParameterGroups.of(model)
        sparse = wants_sparse_lookups(self.recipe, fabric.device)
        with (
            isolated_random_state(fabric.device),
            sparse_lookups(groups.embeddings, sparse=sparse),
            _fast_arithmetic(fabric.device),
        ):
            # Each process drops other activations: its rows are others, too.
            torch.manual_seed(self.recipe.seed + fabric.global_rank)
            recipe = self._resolved(train, Ranks(fabric))
            run = TrainingRun(
                model,
                groups,
                recipe,
                fabric,
                train,
                valid,
                self.num_workers,
                self._checkpoint(model, recipe, train, valid),
                after_step,
            )
            progress = self.progress if process_rank() == 0 else False
            run.fit(progress, on_epoch_end, log)
            return run.history(precision)

    def _resolved(self, train: Dataset, ranks: "Ranks") -> Recipe:
        """Choose the order of rows once, for all processes and for those to come."""
        shuffle = self.recipe.shuffle
        if shuffle == "auto":
            shuffle = ranks.from_first(choose_shuffle(train))
        _LOG.info("rows are shuffled: %s", shuffle)
        return replace(self.recipe, shuffle=shuffle)

    def _checkpoint(
        self, model: nn.Module, recipe: Recipe, train: Dataset, valid: Dataset | None
    ) -> "Checkpoint | None":
        if self.checkpoints is None:
            return None
        from fieldwise.training._identity import run_identity
        from fieldwise.training.checkpoint import Checkpoint

        identity = run_identity(model, recipe, train, valid)
        return Checkpoint(self.checkpoints, identity, seconds=self.checkpoint_seconds)


@contextmanager
def _fast_arithmetic(device: torch.device) -> Iterator[None]:
    """Take the fastest way to multiply that a CPU has, and say which."""
    if device.type != "cpu":
        yield
        return
    chosen = fastest_products()
    _LOG.info(chosen.describe())
    with products_by(chosen.backend), kept_memory():
        yield


def _check_datasets(train: Dataset, valid: Dataset | None) -> None:
    problems = []
    for name, dataset in (("train", train), ("valid", valid)):
        if dataset is None:
            continue
        if len(dataset) == 0:
            problems.append(f"{name} must have rows, got none.")
        if not dataset.labelled or not dataset.schema.labels:
            problems.append(f"{name} must have labels, got none.")
    if valid is not None and valid.schema != train.schema:
        problems.append(
            "valid must have the schema of train, got another one. Encode both with "
            "the same Encoder."
        )
    if problems:
        raise DataError(" ".join(problems))
