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
MAX_TRIED, KEPT = 256, 8
"""Changes that the first step tries, and candidates of each field in later steps."""

Array = NDArray[np.float64]


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

    The first step tries ``MAX_TRIED`` changes, the first different candidates of each
    field, and others only where those do not turn it; later steps try the ``KEPT``
    candidates of each field that moved the logit furthest in the first.

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
    decision = _Decision(threshold, 1.0 if before > threshold else -1.0, margin)
    # What is said already, by the row or another candidate, need not be tried.
    is_repeated = model.split.repeats(Embedded.join([row, candidates]))[1:]
    is_new = ~is_repeated.cpu().numpy().T
    is_early = is_new.cumsum(axis=1) <= max(1, MAX_TRIED // len(model.schema))
    taken = _greedy(model, row, candidates, is_new & is_early, decision, max_fields)
    if not taken and not is_early.all():
        taken = _greedy(model, row, candidates, is_new, decision, max_fields)
    if not taken:
        return Counterfactual((), (), before, before, threshold)
    places, changed = list(taken), row
    for place, source in taken.items():
        changed = _changed(model, changed, candidates, place, source)
    masks = _subsets(places, len(model.schema))
    mixed = model.split.mix(
        row.take(torch.zeros(len(masks), dtype=torch.int64)),
        changed.take(torch.zeros(len(masks), dtype=torch.int64)),
        masks.to(model.split.device),
    )
    logits = model.score(mixed)
    sizes = masks.sum(dim=1).numpy()
    # The fewest fields; of equally few those that move it furthest.
    order = np.lexsort((decision.side * logits, sizes, ~decision.turns(logits)))
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


@final
@dataclass(frozen=True)
class _Decision:
    threshold: float
    side: float
    margin: float

    def turns(self, logits: Array) -> NDArray[np.bool_]:
        gone = self.side * (self.threshold - logits)
        enough = gone > self.margin if self.side < 0 else gone >= self.margin
        return np.asarray(enough)


def _greedy(
    model: BaselineModel,
    row: Embedded,
    candidates: Embedded,
    is_open: Bool[np.ndarray, "field candidate"],
    decision: _Decision,
    max_fields: int,
) -> dict[int, int]:
    """Fields and their candidates that turn the decision; none where none do."""
    changed, taken, side = row, dict[int, int](), decision.side
    logit = float(model.score(row)[0])
    is_open = is_open.copy()
    while not decision.turns(np.array(logit)):
        if len(taken) == max_fields or not is_open.any():
            return {}
        held = side * _single_changes(model, changed, candidates, is_open)
        place, source = map(int, np.unravel_index(np.nanargmin(held), held.shape))
        if not held[place, source] < side * logit:
            return {}
        taken[place], logit = source, float(side * held[place, source])
        changed = _changed(model, changed, candidates, place, source)
        if len(taken) == 1:
            is_open &= held.argsort(axis=1).argsort(axis=1) < KEPT
        is_open[place] = False
    return taken


def _single_changes(
    model: BaselineModel,
    row: Embedded,
    candidates: Embedded,
    is_open: Bool[np.ndarray, "field candidate"],
) -> Array:
    """Logits after each change that is open, no number where it is not."""
    places, sources = np.nonzero(is_open)
    masks = torch.zeros(len(places), len(model.schema), dtype=torch.bool)
    masks[range(len(places)), places] = True
    mixed = model.split.mix(
        row.take(torch.zeros(len(places), dtype=torch.int64)),
        candidates.take(torch.from_numpy(sources)),
        masks.to(model.split.device),
    )
    logits = np.full(is_open.shape, np.nan)
    logits[is_open] = model.score(mixed)
    return logits


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
