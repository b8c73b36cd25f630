"""The first stage of OptInter: which pairs to memorize, to factorize or to leave out.

Source: Lyu et al., "Memorize, Factorize, or be Naive: Learning Optimal Feature
Interaction Methods for CTR Prediction", ICDE 2022, https://arxiv.org/abs/2108.01265,
section 3.
Differences from the paper: the search is stopped by validation rows (its code looks at
the test rows); both stages have the same recipe.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np
import torch
from torch import nn

from fieldwise.data.crosses import CrossCounts, count_crosses
from fieldwise.data.dataset import Dataset
from fieldwise.errors import SchemaError
from fieldwise.importance import Importance, Name, Selection
from fieldwise.models import model_arguments
from fieldwise.models._optinter_search import OptInterSearch
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.nn.embeddings.pair_embeddings import index_pairs
from fieldwise.nn.interactions.pair_treatments import TREATMENTS, read_treatments
from fieldwise.training.history import History
from fieldwise.training.search_result import SearchResult
from fieldwise.training.trainer import Trainer
from fieldwise.training.unknown_rows import fill_unknown_crosses

__all__ = ["search_pairs"]

MODEL = "optinter"
FOLDER = "search"
"""Of the checkpoints of the search, in that of the training."""


def search_pairs(
    train: Dataset,
    valid: Dataset | None,
    arguments: Mapping[str, Any],
    trainer: Trainer,
    *,
    selection: Selection | None = None,
    log: Callable[[str], None] | None = None,
) -> SearchResult:
    """Choose a treatment for every pair of index fields, and count what it needs.

    Nothing is searched where ``selection`` or the argument ``choices`` says it already,
    or where there is no pair.

    Args:
        train: rows to learn from; pairs of values are counted in them.
        valid: rows that stop the search.
        arguments: of ``OptInter``, as far as they differ from its defaults.
        trainer: trains the search network, too.
        selection: of pairs; those it keeps without a choice are factorized.
        log: called with lines of text.

    Returns:
        The choices, with the sizes of the tables they need.

    Raises:
        SchemaError: if the selection keeps what is no pair of index fields.
    """
    settings = model_arguments(MODEL) | dict(arguments)
    pairs = index_pairs(train.schema)
    choices = settings["choices"]
    if selection is not None:
        choices = _choices_of(selection, pairs)
    elif choices is None and not pairs:
        choices = ()
    found = SearchResult(arguments)
    counts = None
    if choices is None:
        counts = count_crosses(train, pairs, min_count=settings["min_count"])
        network, history = _trained(train, valid, settings, trainer, counts, log)
        choices = network.treatments.choices()
        found = SearchResult(
            arguments,
            importance=_importance(network, pairs, train, trainer.recipe.seed),
            history=history,
        )
    treatments = read_treatments(choices, num_pairs=len(pairs))
    chosen = dict(zip(pairs, treatments, strict=True))
    if log is not None:
        told = (f"{treatments.count(name)} {name}d" for name in TREATMENTS[:2])
        log(f"of {len(pairs)} pairs of fields: {', '.join(told)}")
    memorized = [pair for pair, choice in chosen.items() if choice == "memorize"]
    if counts is None:
        counts = count_crosses(train, memorized, min_count=settings["min_count"])
    return _result(found, chosen, counts.of(memorized))


def _choices_of(selection: Selection, pairs: Sequence[tuple[str, str]]) -> list[str]:
    unknown = [name for name in selection.kept if name not in pairs]
    if unknown:
        message = (
            "selection must keep pairs of index fields, in the order of the schema, "
            f"got {unknown}."
        )
        raise SchemaError(message)
    kept = dict.fromkeys(selection.kept, "factorize") | dict(selection.choices)
    return [kept.get(pair, "naive") for pair in pairs]


def _trained(
    train: Dataset,
    valid: Dataset | None,
    settings: Mapping[str, Any],
    trainer: Trainer,
    counts: CrossCounts,
    log: Callable[[str], None] | None,
) -> tuple[OptInterSearch, History]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(trainer.recipe.seed)
        network = OptInterSearch(
            train.schema,
            cross_sizes=counts.sizes,
            embedding_dim=settings["embedding_dim"],
            cross_dim=settings["cross_dim"],
            hidden_dims=settings["hidden_dims"],
            dropout=settings["dropout"],
            batch_norm=settings["batch_norm"],
        )
    _fill_keys(network, counts)
    if log is not None:
        size = f"{len(counts.pairs)} pairs of fields, {sum(counts.sizes):,} crosses"
        log(f"search: {size}")
    searching = copy(trainer)
    if trainer.checkpoints is not None:
        searching.checkpoints = trainer.checkpoints / FOLDER
    return network, searching.fit(network, train, valid, log=log)


def _importance(
    network: OptInterSearch,
    pairs: Sequence[tuple[str, str]],
    train: Dataset,
    seed: int,
) -> Importance:
    shares = network.treatments.probabilities().numpy()
    details = dict(zip(TREATMENTS, shares.T, strict=True))
    # A share can be so small that it is zero, and then adds nothing.
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return Importance(
        unit="pair",
        names=tuple(pairs),
        scores=1 - details["naive"],
        meaning="probability that the pair is not left out",
        method="OptInter",
        data_fingerprint=train.checksum(),
        seed=seed,
        details={**details, "entropy": -(shares * logs).sum(axis=1)},
    )


def _result(
    found: SearchResult, chosen: Mapping[tuple[str, str], str], counts: CrossCounts
) -> SearchResult:
    kept: dict[Name, str] = {
        pair: choice for pair, choice in chosen.items() if choice != "naive"
    }

    def finish(model: nn.Module) -> None:
        layer = _crosses(model)
        if layer is not None:
            fill_unknown_crosses(layer, counts)

    return SearchResult(
        arguments={
            **found.arguments,
            "choices": list(chosen.values()),
            "cross_sizes": list(counts.sizes),
        },
        prepare=lambda model: _fill_keys(model, counts),
        finish=finish,
        importance=found.importance,
        selection=Selection("pair", tuple(kept), tuple(chosen), kept),
        history=found.history,
    )


def _fill_keys(model: nn.Module, counts: CrossCounts) -> None:
    layer = _crosses(model)
    if layer is not None:
        layer.fill_keys([torch.from_numpy(keys) for keys in counts.keys])


def _crosses(model: nn.Module) -> CrossEmbedding | None:
    layers = (m for m in model.modules() if isinstance(m, CrossEmbedding))
    return next(layers, None)
