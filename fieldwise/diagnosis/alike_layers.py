"""How alike the layers of a ranker's towers are: what could be left out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from fieldwise.batch import Batch
from fieldwise.diagnosis.hidden_states import hidden_states
from fieldwise.diagnosis.layer_similarity import compare_layers
from fieldwise.nn.linear import Linear
from fieldwise.nn.mlp import MLP

__all__ = ["AlikeLayers", "alike_layers", "tower_layers"]


@final
@dataclass(frozen=True, eq=False)
class AlikeLayers:
    """The layers of one tower beside each other.

    Args:
        layers: what enters the tower, then its layers, as in ``named_modules``.
        similarity: CKA of each two, in [0, 1], ``(layer, layer)``.
    """

    layers: tuple[str, ...]
    similarity: NDArray[np.float64]


def tower_layers(model: nn.Module) -> list[tuple[str, ...]]:
    """Name what enters each tower of a model, and its layers.

    Args:
        model: with towers or without.

    Returns:
        Names that ``hidden_states`` takes, tower by tower; towers of one layer are
        left out.
    """
    found = []
    for name, part in model.named_modules():
        if not isinstance(part, MLP):
            continue
        # Where ReLUs join the products, their own modules are not reached.
        kind = Linear if part.relu_joins_product else nn.ReLU
        places = [
            f"{name}.layers.{place}"
            for place, layer in enumerate(part.layers)
            if isinstance(layer, kind)
        ]
        if len(places) > 1:
            found.append((f"{name}.input", *places))
    return found


def alike_layers(model: nn.Module, batches: Iterable[Batch]) -> list[AlikeLayers]:
    """Compare the layers of each tower.

    A layer that arranges the rows almost as the one before it adds little.

    Args:
        model: the trained model.
        batches: rows, several for each unit of a layer; held in memory.

    Returns:
        One comparison for each tower of several layers.

    Raises:
        DataError: if there is no row, or a layer says the same of every row.
    """
    rows = list(batches)
    return [
        AlikeLayers(names, compare_layers(hidden_states(model, names, rows)))
        for names in tower_layers(model)
    ]
