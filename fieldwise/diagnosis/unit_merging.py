r"""How many different units a ReLU tower really has: merging those that are equivalent.

A unit reads $w_i = [W_i, b_i]$, batch normalisation folded in, and speaks by the column
$o_i$ of the next layer. A ReLU passes positive scales on, so with $n_i = \lVert w_i
\rVert$ the units $w_i / n_i$ with columns $n_i o_i$ say the same. The closest two
directions nearer than $\beta$ become their mean, of length 1, and speak by the sum of
their columns; and again, layer by layer from the input on.

Source: Chen, Zhou, Yan, "Going Beyond Neural Network Feature Similarity: The Network
Feature Complexity and Its Interpretation Using Category Theory", ICLR 2024,
https://arxiv.org/abs/2310.06756 (iterative feature merging).
Differences from the paper: written from its description, no code was found; a mean is
weighted by how many units it stands for; units that say the same of every row go into
the next bias.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise._checks import check_non_negative
from fieldwise.importance import Importance
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.scoring_tower import ScoringTower

__all__ = ["MergedTower", "merge_units"]

Array = NDArray[np.float64]


@final
class MergedTower(NamedTuple):
    """A tower whose equivalent units are one.

    Args:
        tower: without normalisation and dropout, on the CPU, in eval mode.
        complexity: an importance of layers: the share of units that is left, in (0, 1];
            details ``before`` and ``after``, units.
    """

    tower: ScoringTower
    complexity: Importance


@torch.no_grad()
def merge_units(tower: ScoringTower, *, beta: float) -> MergedTower:
    """Merge the equivalent units of each layer, without data and without training.

    Examples:
        >>> tower = ScoringTower(3, (4,))
        >>> merge_units(tower, beta=0.0).complexity.scores.tolist()
        [1.0]

    Args:
        tower: trained, of linear maps and ReLUs; it stays as it is.
        beta: directions nearer than this are one, from 0 to 2; at 0 none are, and the
            tower says what it said up to rounding.

    Returns:
        The smaller tower, and what is left of each layer; a layer keeps one unit at
        least.

    Raises:
        ValueError: if ``beta`` is below zero, or the tower has other layers.
    """
    check_non_negative("beta", beta)
    layers = _folded(tower)
    before = [len(layer.bias) for layer in layers[:-1]]
    for layer, following in pairwise(layers):
        _fold_constants(layer, following)
        _merge(layer, following, beta)
    after = [len(layer.bias) for layer in layers[:-1]]
    merged = ScoringTower(tower.deep.in_features, after, len(layers[-1].bias)).eval()
    for module, layer in zip(_linear_maps(merged), layers, strict=True):
        module.weight.copy_(torch.from_numpy(layer.weight))
        module.bias.copy_(torch.from_numpy(layer.bias))
    counts = {"before": np.array(before, float), "after": np.array(after, float)}
    return MergedTower(
        merged,
        Importance(
            unit="layer",
            names=tuple(f"layer {place}" for place in range(len(before))),
            scores=counts["after"] / counts["before"],
            meaning=f"share of units left when directions nearer than {beta:g} are one",
            method="merging",
            details=counts,
        ),
    )


@final
@dataclass
class _Layer:
    """A linear map, ``(unit, input)`` and ``(unit,)``."""

    weight: Array
    bias: Array


def _array(values: Tensor) -> Array:
    return values.detach().cpu().double().numpy().copy()


def _linear_maps(tower: ScoringTower) -> list[nn.Linear]:
    return [module for module in tower.modules() if isinstance(module, nn.Linear)]


def _folded(tower: ScoringTower) -> list[_Layer]:
    """The maps of the tower and its head, each with the normalisation behind it."""
    layers: list[_Layer] = []
    for module in (*tower.deep.layers, *_linear_maps(tower)[-1:]):
        if isinstance(module, nn.Linear):
            layers.append(_Layer(_array(module.weight), _array(module.bias)))
        elif isinstance(module, nn.BatchNorm1d):
            _fold_norm(layers[-1], module)
        elif not isinstance(module, nn.ReLU | Dropout | nn.Dropout):
            message = (
                "tower must be of linear maps, batch normalisation and ReLUs, got a "
                f"{type(module).__name__}."
            )
            raise ValueError(message)
    return layers


def _fold_norm(layer: _Layer, norm: nn.BatchNorm1d) -> None:
    if norm.running_mean is None or norm.running_var is None:
        message = "batch normalisation must have running statistics, got none."
        raise ValueError(message)
    scale = _array(norm.weight) / np.sqrt(_array(norm.running_var) + norm.eps)
    layer.weight *= scale[:, None]
    layer.bias = (layer.bias - _array(norm.running_mean)) * scale + _array(norm.bias)


def _fold_constants(layer: _Layer, following: _Layer) -> None:
    """Put units that read nothing into the next bias."""
    reads = np.count_nonzero(layer.weight, axis=1) > 0
    if not reads.any():
        reads[0] = True
    said = np.maximum(0.0, layer.bias[~reads])
    following.bias = following.bias + following.weight[:, ~reads] @ said
    following.weight = following.weight[:, reads]
    layer.weight, layer.bias = layer.weight[reads], layer.bias[reads]


def _merge(layer: _Layer, following: _Layer, beta: float) -> None:
    units = np.column_stack([layer.weight, layer.bias])
    columns, sizes = following.weight.copy(), np.ones(len(units))
    lengths = np.linalg.norm(units, axis=1)
    directions = units / np.where(lengths > 0, lengths, 1.0)[:, None]
    distances = np.stack([_distances(directions, place) for place in range(len(units))])
    while len(units) > 1:
        place, other = sorted(divmod(int(distances.argmin()), len(units)))
        if distances[place, other] >= beta:
            break
        mean = (sizes[[place, other], None] * directions[[place, other]]).sum(axis=0)
        length = np.linalg.norm(mean)
        if not length:
            break  # opposite directions have no mean
        columns[:, place] = columns[:, [place, other]] @ lengths[[place, other]]
        units[place] = directions[place] = mean / length
        lengths[place] = 1.0
        sizes[place] += sizes[other]
        units, directions = (np.delete(x, other, axis=0) for x in (units, directions))
        lengths, sizes = np.delete(lengths, other), np.delete(sizes, other)
        columns = np.delete(columns, other, axis=1)
        distances = np.delete(np.delete(distances, other, axis=0), other, axis=1)
        distances[place] = distances[:, place] = _distances(directions, place)
    layer.weight, layer.bias = units[:, :-1], units[:, -1]
    following.weight = columns


def _distances(directions: Array, place: int) -> Array:
    """From one direction to all; to itself it does not count."""
    found = np.linalg.norm(directions - directions[place], axis=1)
    found[place] = np.inf
    return np.asarray(found)
