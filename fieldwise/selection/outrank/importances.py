"""Scores as importances of fields, of their order, of pairs and of combinations."""

import logging
from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.importance import Importance
from fieldwise.selection.outrank.heuristics import HEURISTICS
from fieldwise.selection.outrank.noise import LABEL_COPY, NOISE
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.scorer import Scores
from fieldwise.selection.outrank.three_mr import three_mr_order

__all__ = ["METHOD", "Importances", "matched_noise"]

_LOG = logging.getLogger("fieldwise")

METHOD = "outrank"
Floats = NDArray[np.float64]


def matched_noise(scores: Scores) -> Floats:
    """The score of noise with about as many values as each field.

    Args:
        scores: of fields and noise.

    Returns:
        One score per field: of the control whose number of values in a block is next.
    """
    fields, noise = np.log(scores.fields["size"]), np.log(scores.noise["size"])
    nearest = np.abs(fields[:, None] - noise).argmin(axis=1)
    return np.asarray(scores.noise["score"][nearest])


@final
class Importances:
    """Gives scores the names of what they are about.

    Args:
        scores: medians over the blocks.
        plan: what was scored.
        names: of the fields.
        fingerprint: checksum of the rows.
    """

    def __init__(
        self, scores: Scores, plan: Plan, names: Sequence[str], fingerprint: str
    ) -> None:
        self._scores = scores
        self._plan = plan
        self._names = tuple(names)
        self._fingerprint = fingerprint
        self._measure = HEURISTICS[plan.heuristic].measure

    def fields(self, details: Mapping[str, Floats]) -> Importance:
        """What each field says about the label.

        Args:
            details: further numbers of the fields.

        Returns:
            An importance of fields with the details ``plain``, the mutual information
            as it is, ``noise``, the score of noise with about as many values, with
            combinations ``joint``, the median score of those a field is part of, and
            those given.
        """
        scores = self._scores
        columns = {"plain": scores.fields["plain"], "noise": matched_noise(scores)}
        if self._plan.order > 1:
            columns["joint"] = self._median_of_groups()
        return self._importance(
            self._names,
            scores.fields["score"],
            "with the label",
            columns | dict(details),
        )

    def controls(self) -> Importance:
        """What noise and a copy of the label score."""
        scores = self._scores
        return self._importance(
            (LABEL_COPY, *NOISE),
            np.append(scores.label, scores.noise["score"]),
            "with the label, of columns made up for comparison",
            {},
        )

    def forms(self, names: Sequence[str]) -> Importance | None:
        """What other forms of numbers say about the label.

        Args:
            names: of the forms.

        Returns:
            An importance of those that were kept; None where no form was asked for.
        """
        if not names:
            return None
        kept = np.flatnonzero(~np.isnan(self._scores.forms[: len(names)]))
        return self._importance(
            tuple(names[place] for place in kept.tolist()),
            self._scores.forms[kept],
            "of a form of a number with the label",
            {},
        )

    def values(self, names: Sequence[tuple[str, str]]) -> Importance | None:
        """What single values of lists say about the label.

        Args:
            names: field and value of each, which come last among the forms.

        Returns:
            An importance of values; None where no list was ranked.
        """
        if not names:
            return None
        return self._importance(
            tuple(names),
            self._scores.forms[-len(names) :],
            "of whether a list holds a value with the label",
            {},
            unit="value",
        )

    def order(self) -> Importance | None:
        """The fields in the order of relevance, less redundancy, plus relation."""
        if not self._plan.redundancy:
            return None
        scores, num_fields = self._scores, len(self._names)
        relevance = scores.fields["score"]
        places = three_mr_order(
            relevance,
            _symmetric(scores.pairs, scores.between, num_fields),
            _symmetric(scores.pairs, scores.joint, num_fields),
        )
        ranks = np.empty(num_fields)
        ranks[places] = np.arange(num_fields, 0, -1)
        return Importance(
            unit="field",
            names=self._names,
            scores=ranks,
            meaning="place from the end in the order of relevance, less redundancy, "
            "plus relation (3MR); an order, no measure",
            method=f"{METHOD} 3MR",
            data_fingerprint=self._fingerprint,
            seed=self._plan.seed,
            details={"relevance": relevance},
        )

    def between(self) -> Importance | None:
        """What each two fields say about each other."""
        if not self._plan.scores_between:
            return None
        return self._groups(
            self._scores.pairs, self._scores.between, "of one field with the other", {}
        )

    def combinations(self) -> Importance | None:
        """What the fields of each combination say about the label together."""
        if self._plan.order < 2:
            return None
        groups, scores = self._combined()
        best = self._scores.fields["score"][groups].max(axis=1, initial=-np.inf)
        return self._groups(
            groups,
            scores,
            "of the values together with the label",
            {"gain": scores - best},
        )

    def _combined(self) -> tuple[NDArray[np.intp], Floats]:
        scores = self._scores
        if self._plan.order == 2:
            return scores.pairs, scores.joint
        return scores.groups, scores.together

    def _median_of_groups(self) -> Floats:
        groups, scores = self._combined()
        is_known = ~np.isnan(scores)
        medians = np.zeros(len(self._names))
        for place in range(len(medians)):
            of_field = scores[is_known & (groups == place).any(axis=1)]
            medians[place] = np.median(of_field) if len(of_field) else 0.0
        return medians

    def _groups(
        self,
        groups: NDArray[np.intp],
        scores: Floats,
        meaning: str,
        details: Mapping[str, Floats],
    ) -> Importance:
        known = np.flatnonzero(~np.isnan(scores))
        if len(known) < len(groups):
            _LOG.warning(
                "%d of %d combinations were not scored: there are too few blocks of "
                "rows for max_combinations=%d.",
                len(groups) - len(known),
                len(groups),
                self._plan.max_combinations,
            )
        return self._importance(
            tuple(tuple(self._names[i] for i in group) for group in groups[known]),
            scores[known],
            meaning,
            {name: numbers[known] for name, numbers in details.items()},
            unit="pair" if groups.shape[1] == 2 else "cross",
        )

    def _importance(
        self,
        names: tuple[str, ...] | tuple[tuple[str, ...], ...],
        scores: Floats,
        meaning: str,
        details: Mapping[str, Floats],
        *,
        unit: str = "field",
    ) -> Importance:
        return Importance(
            unit=unit,
            names=names,
            scores=scores,
            meaning=f"{self._measure} {meaning}",
            method=METHOD,
            data_fingerprint=self._fingerprint,
            seed=self._plan.seed,
            details=details,
        )


def _symmetric(
    pairs: NDArray[np.intp], numbers: Floats, num_fields: int
) -> NDArray[np.float64]:
    table = np.full((num_fields, num_fields), np.nan)
    left, right = pairs.T
    table[left, right] = table[right, left] = numbers
    return table
