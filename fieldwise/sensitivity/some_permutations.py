"""Permutations of fields within a budget: seconds, not minutes, whatever the table."""

import numpy as np
from torch import nn

from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.sensitivity.permutation import permute_fields

__all__ = ["permute_some_rows"]

MAX_ROWS, MIN_ROWS, MAX_SCORED = 20_000, 2_000, 1_000_000
"""Rows that are permuted, and rows scored for it in all."""
NUM_REPEATS = 2


def permute_some_rows(
    model: nn.Module, dataset: Dataset, *, max_scored: int = MAX_SCORED
) -> Importance | None:
    """Measure what each field is worth, on rows from all over a table.

    Args:
        model: the trained model.
        dataset: labelled rows, best ones it was not trained on.
        max_scored: rows that are scored in all; of many fields fewer rows are taken.

    Returns:
        An importance of fields, in AUC; in loss where some rows of both classes are
        missing, or labels are real; None where neither is defined.
    """
    many = max(MIN_ROWS, max_scored // (NUM_REPEATS * len(dataset.schema)))
    num_rows = min(len(dataset), MAX_ROWS, many)
    chosen = np.linspace(0, len(dataset) - 1, num_rows).astype(np.intp)
    rows = dataset.take(np.unique(chosen))
    for metric in ("auc", "loss"):
        try:
            return permute_fields(model, rows, metric=metric, num_repeats=NUM_REPEATS)
        except DataError:
            continue
    return None
