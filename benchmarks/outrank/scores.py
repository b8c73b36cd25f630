"""The scores both wrote, of the fields that both ranked."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.outrank.commands import LABEL
from fieldwise.importance import Importance

__all__ = ["in_common", "own_scores", "peer_scores"]

Scores = Mapping[str, float]


def own_scores(folder: Path) -> Scores:
    """Read the ranking of this package."""
    found = Importance.load(folder / "fields")
    return dict(zip(map(str, found.names), found.scores.tolist(), strict=True))


def peer_scores(folder: Path) -> Scores:
    """Read the pairs of a field and the label; the median, should one come twice."""
    found = defaultdict(list)
    with (folder / "pairwise_ranks.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            # The package adds the number of values and the coverage to a name.
            first, second = (
                row[key].rpartition("-(")[0] for key in ("FeatureA", "FeatureB")
            )
            if second == LABEL != first:
                found[first].append(float(row["Score"]))
    return {name: median(scores) for name, scores in found.items()}


def in_common(*rankings: Scores) -> list[NDArray[np.float64]]:
    """The scores of the fields that all rankings have, in one order."""
    names = sorted(set.intersection(*(set(scores) for scores in rankings)))
    return [np.array([scores[name] for name in names]) for scores in rankings]
