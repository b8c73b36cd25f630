"""One context and many candidates: who comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from fieldwise.serving.server.columns import Columns, check_rows
from fieldwise.serving.server.members import check_members, flag_of, label_of, top_of
from fieldwise.serving.server.problem import ProblemError, RowError, shown
from fieldwise.serving.server.served import Served
from fieldwise.serving.server.settings import Limits

__all__ = ["RANK_MEMBERS", "Ranked", "rank_candidates"]

RANK_MEMBERS = ("context", "candidates", "top", "label", "explain")


@final
@dataclass(frozen=True)
class Ranked:
    """The best candidates.

    Args:
        label: they are ordered by.
        num_candidates: how many there were.
        positions: of the best ones in the request, best first; of equal scores the
            earlier one.
        scores: of the best ones.
        best: the best ones with all fields, if they shall be explained.
    """

    label: str
    num_candidates: int
    positions: list[int]
    scores: list[float]
    best: Columns | None


def rank_candidates(served: Served, body: Mapping[str, Any], limits: Limits) -> Ranked:
    """Score candidates and put the best ones in order.

    Args:
        served: whom to ask.
        body: of the request.
        limits: of requests.

    Returns:
        The best candidates.

    Raises:
        ProblemError: naming row and field of every value that is wrong.
    """
    check_members(body, RANK_MEMBERS)
    labels = served.ranker.schema.label_names
    label, explain = label_of(body, labels), flag_of(body, "explain")
    context, candidates = _split(served, body, limits)
    top = top_of(body, candidates.num_rows)
    if explain and top > limits.explained:
        message = (
            f"top must be at most {limits.explained} where candidates are explained, "
            f"got {top}."
        )
        raise ProblemError(422, "invalid-request", message)
    scores = served.scorer.score_shared(context, candidates)[:, labels.index(label)]
    order = np.argsort(-scores, kind="stable")[:top].tolist()
    best = _whole(context, candidates, order) if explain else None
    return Ranked(label, candidates.num_rows, order, scores[order].tolist(), best)


def _split(
    served: Served, body: Mapping[str, Any], limits: Limits
) -> tuple[Columns, Columns]:
    """Fields of the context, and fields of the candidates."""
    context = body.get("context", {})
    if type(context) is not dict:
        message = f"context must be an object, got {shown(context)}."
        raise ProblemError(422, "invalid-request", message)
    shared = [rule for rule in served.rules if rule.name in context]
    own = [rule for rule in served.rules if rule.name not in context]
    rows = body.get("candidates")
    candidates = check_rows(own, rows, max_rows=limits.candidates, member="candidates")
    _check_apart({rule.name for rule in shared}, rows)
    return check_rows(shared, [context], max_rows=1, member="context"), candidates


def _check_apart(shared: set[str], rows: Any) -> None:  # noqa: ANN401
    for place, row in enumerate(rows):
        if not shared.isdisjoint(row):
            name = min(shared.intersection(row))
            rule = "must be in the context or in the candidates"
            error = RowError(rule, "Leave it out of one.", place, name)
            message = f"field {name!r} {rule}, got both in candidate {place}."
            raise ProblemError(422, "invalid-rows", message, errors=[error])


def _whole(context: Columns, candidates: Columns, rows: Sequence[int]) -> Columns:
    """Some candidates with all fields."""
    values = {name: [column[0]] * len(rows) for name, column in context.values.items()}
    for name, column in candidates.values.items():
        values[name] = [column[row] for row in rows]
    return Columns(len(rows), values, (*context.rules, *candidates.rules))
