"""How far the order of pairs holds in all models of a cloud."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from jaxtyping import Int

if TYPE_CHECKING:
    from fieldwise.explanation.interaction_cloud import InteractionCloud

__all__ = ["CloudRanks", "cloud_ranks"]


@final
@dataclass(frozen=True, eq=False)
class CloudRanks:
    """Places of pairs, by the size of their scores, 1 for the largest.

    Args:
        names: of the pairs.
        first: best place that a choice of models gives each pair, ``(pair,)``.
        last: worst such place, ``(pair,)``.
        settled: share of all couples of pairs whose order no choice of models turns;
            1 with less than two pairs.
    """

    names: tuple[tuple[str, ...], ...]
    first: Int[np.ndarray, " pair"]
    last: Int[np.ndarray, " pair"]
    settled: float

    def __str__(self) -> str:
        kept = " x ".join(self.names[int(self.last.argmin())]) if self.names else ""
        return (
            f"the order of {self.settled:.0%} of all couples of pairs is the same in "
            f"all models; {kept or 'no pair'} is never below place "
            f"{int(self.last.min(initial=len(self.names)))} of {len(self.names)}"
        )


def cloud_ranks(cloud: "InteractionCloud") -> CloudRanks:
    """Find the places that pairs can have.

    Each pair is scored in models of its own, so any of them may be chosen for each. A
    pair is before another one for sure where its smallest size in the set is larger
    than the largest of the other.

    Args:
        cloud: scores of pairs.

    Returns:
        Places and how much of the order is settled.
    """
    sizes = np.abs(cloud.scores)
    reference = np.abs(cloud.references)
    largest = np.where(cloud.is_within, sizes, 0).max(axis=1, initial=0)
    smallest = np.where(cloud.is_within, sizes, np.inf).min(axis=1, initial=np.inf)
    largest, smallest = np.maximum(largest, reference), np.minimum(smallest, reference)
    # Whether the pair of the row is before that of the column in any case.
    is_before = smallest[:, None] > largest
    num_pairs = len(cloud.names)
    couples = num_pairs * (num_pairs - 1) / 2
    return CloudRanks(
        names=cloud.names,
        first=1 + is_before.sum(axis=0),
        last=num_pairs - is_before.sum(axis=1),
        settled=float(is_before.sum() / couples) if couples else 1.0,
    )
