"""The scores both wrote, of the fields that both ranked."""

import csv
from collections import defaultdict
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.peers.settings import FIELDS
from fieldwise.importance import Importance

__all__ = ["read_scores"]


def read_scores(folder: Path) -> tuple[Importance, Importance]:
    """Read the ranking of this package, and that of the authors' package."""
    own = Importance.load(folder / "own" / "fields")
    ours = dict(zip(own.names, own.scores.tolist(), strict=True))
    theirs = _peer_scores(folder / "peer" / "pairwise_ranks.tsv")
    names = tuple(name for name in FIELDS if name in ours and name in theirs)
    first, second = (
        Importance(
            unit="field",
            names=names,
            scores=np.array([scores[name] for name in names]),
            meaning=own.meaning,
            method=method,
        )
        for scores, method in ((ours, "fieldwise"), (theirs, "outrank"))
    )
    return first, second


def _peer_scores(path: Path) -> dict[str, float]:
    """The pairs of a field and the label; the median, should one come twice."""
    found = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            # The package adds the number of values and the coverage to a name.
            pair = {row[key].partition("-(")[0] for key in ("FeatureA", "FeatureB")}
            for name in pair & {*FIELDS}:
                found[name].append(float(row["Score"]))
    return {name: median(scores) for name, scores in found.items()}
