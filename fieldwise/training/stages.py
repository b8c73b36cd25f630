"""From a name to a trained model: a search first, where a system has one.

Some systems first train a network that finds out what they shall look like, and then
train themselves from scratch. The search of such a system is a function in
``SEARCHES``; everything else about it is an ordinary model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fieldwise.data.dataset import Dataset
from fieldwise.errors import ConfigError
from fieldwise.importance import Selection
from fieldwise.models import build_model
from fieldwise.training.history import EpochRecord, History
from fieldwise.training.pair_search import search_pairs
from fieldwise.training.search_result import SearchResult
from fieldwise.training.trainer import Trainer
from fieldwise.training.unknown_rows import fill_unknown_rows

__all__ = ["SEARCHES", "Search", "Trained", "selection_problems", "train_in_stages"]

Log = Callable[[str], None]


class Search(Protocol):
    """What comes before the training of a system."""

    def __call__(
        self,
        train: Dataset,
        valid: Dataset | None,
        arguments: Mapping[str, Any],
        trainer: Trainer,
        *,
        selection: Selection | None = None,
        log: Log | None = None,
    ) -> SearchResult:
        """Find the form of the model.

        Args:
            train: rows to learn from.
            valid: rows that stop the search.
            arguments: of the model, as far as they differ from its defaults.
            trainer: trains the search network, too.
            selection: what the caller has chosen: then nothing is searched.
            log: called with lines of text.

        Returns:
            The form, and what led to it.
        """
        ...  # pragma: no cover


SEARCHES: Mapping[str, Search] = {"optinter": search_pairs}
"""The search of a model, by the model's name; each chooses pairs of fields."""


@final
@dataclass(frozen=True)
class Trained:
    """A trained model, and what came before it.

    Args:
        model: in eval mode.
        history: of its training.
        found: its arguments, and what a search found.
    """

    model: nn.Module
    history: History
    found: SearchResult


def selection_problems(model: str, selection: Selection | None) -> list[str]:
    """Say what hinders a model to take a selection.

    Examples:
        >>> selection_problems("lr", Selection("pair", (), ()))
        ["selection must be of fields or rows for model 'lr', got one of pairs."]

    Args:
        model: name in ``MODELS``.
        selection: what shall be kept; None for everything.

    Returns:
        Sentences; none where nothing does.
    """
    units = ["field", "row", *(["pair"] if model in SEARCHES else [])]
    if selection is None or selection.unit in units:
        return []
    allowed = " or ".join(f"{unit}s" for unit in units)
    return [
        f"selection must be of {allowed} for model {model!r}, got one of "
        f"{selection.unit}s."
    ]


def train_in_stages(
    name: str,
    datasets: Mapping[str, Dataset],
    arguments: Mapping[str, Any],
    trainer: Trainer,
    *,
    counts: NDArray[np.int64],
    selection: Selection | None = None,
    log: Log | None = None,
    on_epoch_end: Callable[[EpochRecord], None] | None = None,
) -> Trained:
    """Search where the model has a search, then train it from scratch.

    Args:
        name: name in ``MODELS``.
        datasets: the part ``train``, and ``valid`` where rows choose the best epoch.
        arguments: of the model, as far as they differ from its defaults.
        trainer: how to train; its seed draws the weights, too.
        counts: training occurrences of every row of the shared table.
        selection: pairs to keep, for a model with a search.
        log: called with lines of text.
        on_epoch_end: called after each epoch of the model, not of a search before it.

    Returns:
        The trained model.

    Raises:
        ConfigError: if the model cannot take the selection.
    """
    if problems := selection_problems(name, selection):
        raise ConfigError(problems[0])
    train, valid = datasets["train"], datasets.get("valid")
    found = SearchResult(arguments)
    if name in SEARCHES:
        pairs = selection if selection and selection.unit == "pair" else None
        found = SEARCHES[name](
            train, valid, arguments, trainer, selection=pairs, log=log
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(trainer.recipe.seed)
        model = build_model(name, train.schema, **found.arguments)
    found.prepare(model)
    history = trainer.fit(model, train, valid, log=log, on_epoch_end=on_epoch_end)
    fill_unknown_rows(model, train.schema, counts)
    found.finish(model)
    return Trained(model, history, found)
