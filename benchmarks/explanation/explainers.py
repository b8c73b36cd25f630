"""Everything that says which fields matter, as numbers for each row and field."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray

from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset
from fieldwise.explanation import (
    Explanation,
    adversarial_fields,
    attention_fields,
    field_importance,
    gradient_correlation,
    permute_fields,
    propagate_relevance,
)
from fieldwise.importance import Importance

__all__ = ["EXPLAINERS", "Explained"]

Array = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Explained:
    """Rows of a ranker with what explainers need of them.

    Args:
        found: what ``fw.explain`` says of the rows.
        rows: the same, encoded, with labels.
        held_out: other labelled rows, for what is measured with labels.
    """

    found: Explanation
    rows: Dataset
    held_out: Dataset

    @property
    def batch(self) -> Batch:
        """The rows."""
        return self.rows.batch(slice(None))

    def everywhere(self, importance: Importance) -> Array:
        """The same order for all rows: what is named first goes first."""
        contributions = self.found.contributions
        side = np.where(contributions.logits > contributions.base, 1.0, -1.0)
        return np.asarray(side[:, None] * importance.scores)


def _gradients(explained: Explained) -> Array:
    return explained.found.contributions.values


def _mean_gradients(explained: Explained) -> Array:
    return explained.everywhere(explained.found.importance())


def _ablation(explained: Explained) -> Array:
    model, rows = explained.found.background.model, explained.found.rows
    masks = torch.eye(len(model.schema), dtype=torch.bool)[None]
    return model.score(rows)[:, None] - model.score_replaced(rows, masks)


def _relevance(explained: Explained) -> Array:
    model = explained.found.background.ranker.model
    schema = explained.rows.schema
    return propagate_relevance(model, schema, [explained.batch]).values


def _permutation(explained: Explained) -> Array:
    model = explained.found.background.ranker.model
    found = permute_fields(model, explained.held_out, metric="loss", num_repeats=1)
    return explained.everywhere(found)


def _correlation(explained: Explained) -> Array:
    labels = explained.rows.labels[:, 0]
    return explained.everywhere(
        gradient_correlation(explained.found.contributions, labels)
    )


def _adversarial(explained: Explained) -> Array:
    model = explained.found.background.model
    return explained.everywhere(adversarial_fields(model, [explained.found.rows]))


def _attention(explained: Explained) -> Array:
    model, names = explained.found.background.ranker.model, explained.rows.schema.names
    return explained.everywhere(attention_fields(model, [explained.batch], names))


def _powers(explained: Explained) -> Array:
    model, names = explained.found.background.ranker.model, explained.rows.schema.names
    return explained.everywhere(field_importance(model, [explained.batch], names))


EXPLAINERS: dict[str, Callable[[Explained], Array]] = {
    "integrated gradients, of each row": _gradients,
    "ablation, of each row": _ablation,
    "relevance propagation, of each row": _relevance,
    "integrated gradients, mean size": _mean_gradients,
    "permutation, loss added": _permutation,
    "gradient correlation (IGC)": _correlation,
    "adversarial change": _adversarial,
    "attention": _attention,
    "powers of exponential neurons": _powers,
}
"""Those that have no rule for a model raise ``ValueError``."""
