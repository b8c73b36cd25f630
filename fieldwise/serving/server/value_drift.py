"""How far the values that are asked about are from those of training."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.encoder import Encoder
from fieldwise.diagnosis.divergence import (
    chance_level,
    jensen_shannon,
    stability_index,
)
from fieldwise.serving.server.traffic import NUM_VALUES

__all__ = ["FieldMovement", "TrainingCounts", "movements", "training_counts"]

Counts: TypeAlias = NDArray[np.int64]
TrainingCounts: TypeAlias = Mapping[str, Counts]


@final
@dataclass(frozen=True)
class FieldMovement:
    """How far the values of a field have moved.

    Args:
        divergence: of Jensen and Shannon, nats, in [0, ln 2].
        chance: what chance alone exceeds once in a thousand times, nats.
        stability_index: the population stability index, nats.
    """

    divergence: float
    chance: float
    stability_index: float


def training_counts(encoder: Encoder) -> TrainingCounts:
    """How often values came in training, as ``Traffic`` counts them.

    Args:
        encoder: the fitted encoder.

    Returns:
        By field that has a vocabulary, ``(NUM_VALUES,)``.
    """
    found = {}
    for name, vocabulary in encoder.vocabularies.items():
        counts = vocabulary.counts
        kept = np.zeros(NUM_VALUES, dtype=np.int64)
        kept[: len(counts)] = counts[:NUM_VALUES]
        kept[-1] += counts[NUM_VALUES:].sum()
        found[name] = kept
    return found


def movements(
    before: TrainingCounts, after: Mapping[str, Counts]
) -> dict[str, FieldMovement]:
    """Compare.

    Args:
        before: as ``training_counts`` gives them.
        after: the same of what was asked since.

    Returns:
        By field of which something was counted.
    """
    found = {}
    for name, old in before.items():
        new = after[name]
        if not old.any() or not new.any():
            continue
        found[name] = FieldMovement(
            divergence=jensen_shannon(old, new),
            chance=chance_level(old, new).most,
            stability_index=stability_index(old, new),
        )
    return found
