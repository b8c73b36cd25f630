"""The smallest change of fields that turns a decision, with values that occur.

Source: Zhou, Wang, He, Wang, "From Intrinsic to Counterfactual: On the Explainability
of Contextualized Recommender Systems", 2021, https://arxiv.org/abs/2110.14844 (the
blackbox level).
Differences from the paper: only its abstract was at hand; the search is ours. Scores
are asked for, never gradients; a field is replaced by what it says in a real row, not
by a mean that no row has; of the fields a greedy search takes, all subsets are tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import final

import numpy as np
import torch
from jaxtyping import Bool
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from fieldwise._checks import check_non_negative, check_positive
from fieldwise.errors import ShapeError
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.sensitivity import Embedded

__all__ = ["Counterfactual", "counterfactual", "ranking_thresholds"]

MAX_FIELDS = 6
"""Fields that a search takes before it gives up; ten times as many explain nothing."""


@final
@dataclass(frozen=True)
class Counterfactual:
    """What would have turned a decision.

    Args:
        fields: names of the fields to change, none where nothing was found.
        sources: for each of them the number of the candidate that says what it would
            have to say.
        before: logit of the row.
        after: logit of the changed row; that of the row where nothing was found.
        threshold: logit at which the decision turns.
    """

    fields: tuple[str, ...]
    sources: tuple[int, ...]
    before: float
    after: float
    threshold: float

    @property
    def is_found(self) -> bool:
        """Whether the change turns the decision."""
        return bool(self.fields)


def counterfactual(
    model: BaselineModel,
    row: Embedded,
    candidates: Embedded,
    *,
    threshold: float = 0.0,
    margin: float = 0.0,
    max_fields: int = MAX_FIELDS,
) -> Counterfactual:
    """Search the smallest change that brings a logit to the other side.

    Greedy first: the field and the candidate that move the logit furthest, until the
    decision turns; then every subset of these fields is tried. No subset of what is
    returned turns the decision. A smaller set of other fields may exist where they
    work only together.

    Args:
        model: the model.
        row: one embedded row.
        candidates: rows whose values fields may take.
        threshold: logit at which the decision turns; a logit equal to it is below.
        margin: how far beyond it the changed row must be.
        max_fields: give up after so many fields.

    Returns:
        The change; one without fields where none was found.

    Raises:
        ShapeError: if it is not one row.
        ValueError: if the margin is negative, or ``max_fields`` not positive.
    """
    check_non_negative("margin", margin)
    check_positive("max_fields", max_fields)
    if len(row) != 1:
        message = f"row must be one row, got {len(row)}."
        raise ShapeError(message)
    before = float(model.score(row)[0])
    side = 1.0 if before > threshold else -1.0

    def turns(logits: NDArray[np.float64]) -> NDArray[np.bool_]:
        gone = side * (threshold - logits)
        return np.asarray(gone > margin if side < 0 else gone >= margin)

    changed, taken, logit = row, dict[int, int](), before
    while not turns(np.array([logit]))[0] and len(taken) < max_fields:
        step = _best_step(model, changed, candidates, side, taken)
        if step is None or not side * (logit - step[2]) > 0:
            break
        place, source, logit = step
        taken[place] = source
        changed = _changed(model, changed, candidates, place, source)
    if not turns(np.array([logit]))[0]:
        return Counterfactual((), (), before, before, threshold)
    places = list(taken)
    masks = _subsets(places, len(model.schema))
    mixed = model.split.mix(
        row.take(torch.zeros(len(masks), dtype=torch.int64)),
        changed.take(torch.zeros(len(masks), dtype=torch.int64)),
        masks.to(model.split.device),
    )
    logits = model.score(mixed)
    sizes = masks.sum(dim=1).numpy()
    # The fewest fields; of equally few those that move it furthest.
    order = np.lexsort((side * logits, sizes, ~turns(logits)))
    best = int(order[0])
    kept = [place for place in places if masks[best, place]]
    return Counterfactual(
        fields=tuple(model.schema.names[place] for place in kept),
        sources=tuple(taken[place] for place in kept),
        before=before,
        after=float(logits[best]),
        threshold=threshold,
    )


def ranking_thresholds(
    logits: ArrayLike, groups: ArrayLike, *, k: int
) -> NDArray[np.float64]:
    """Logits at which rows enter or leave the first k of their groups.

    Examples:
        >>> ranking_thresholds([3.0, 2.0, 1.0], [7, 7, 7], k=1)
        array([2., 3., 3.])

    Args:
        logits: of all rows, ``(row,)``.
        groups: of the same rows, ``(row,)``.
        k: how many rows of a group are shown.

    Returns:
        For a row among the first k the logit of the next one, for others that of the
        last one shown, ``(row,)``; infinite where a group shows all its rows.

    Raises:
        ValueError: if k is not positive.
    """
    check_positive("k", k)
    scores, members = np.asarray(logits, dtype=np.float64), np.asarray(groups)
    found = np.full(len(scores), -np.inf)
    for group in np.unique(members):
        rows = np.flatnonzero(members == group)
        order = rows[np.argsort(-scores[rows], kind="stable")]
        if len(order) > k:
            found[order[:k]] = scores[order[k]]
            found[order[k:]] = scores[order[k - 1]]
    return found


def _best_step(
    model: BaselineModel,
    row: Embedded,
    candidates: Embedded,
    side: float,
    taken: dict[int, int],
) -> tuple[int, int, float] | None:
    """The field, the candidate and the logit of the best single change."""
    num_fields, count = len(model.schema), len(candidates)
    free = [place for place in range(num_fields) if place not in taken]
    if not free or not count:
        return None
    masks = torch.zeros(len(free), num_fields, dtype=torch.bool)
    masks[range(len(free)), free] = True
    mixed = model.split.mix(
        row.take(torch.zeros(len(free) * count, dtype=torch.int64)),
        candidates.take(torch.arange(count).repeat(len(free))),
        masks.repeat_interleave(count, dim=0).to(model.split.device),
    )
    logits = model.score(mixed)
    best = int(np.argmin(side * logits))
    return free[best // count], best % count, float(logits[best])


def _changed(
    model: BaselineModel, row: Embedded, candidates: Embedded, place: int, source: int
) -> Embedded:
    mask = torch.zeros(1, len(model.schema), dtype=torch.bool)
    mask[0, place] = True
    other = candidates.take(slice(source, source + 1))
    return model.split.mix(row, other, mask.to(model.split.device))


def _subsets(places: Sequence[int], num_fields: int) -> Bool[Tensor, "subset field"]:
    masks = torch.zeros(2 ** len(places), num_fields, dtype=torch.bool)
    choices = list(product((False, True), repeat=len(places)))
    masks[:, list(places)] = torch.tensor(choices, dtype=torch.bool)
    return masks[1:] if places else masks
