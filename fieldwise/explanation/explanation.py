"""What a ranker says about some rows, and why."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from fieldwise.explanation.background import Background
from fieldwise.explanation.contributions import FieldContributions
from fieldwise.explanation.counterfactual import Counterfactual, counterfactual
from fieldwise.explanation.faithfulness import Faithfulness, measure_faithfulness
from fieldwise.explanation.pair_differences import pair_differences
from fieldwise.explanation.row_text import aligned, shown_value, signed
from fieldwise.explanation.unknown_values import unknown_values
from fieldwise.importance import Importance
from fieldwise.sensitivity import Embedded

__all__ = ["Explanation"]

PAIR_FIELDS = 5
"""Of so many fields, the first ones by contribution, pairs are measured."""
MEASURED_ROWS = 100
"""Of so many rows faithfulness and pairs are measured; each costs as much again."""
FEW = 8
"""Rows to compare with where hundreds of scores are asked for beside each."""
SHOWN = 10


@final
@dataclass(frozen=True, eq=False)
class Explanation:
    """Contributions of fields to the logits of rows, and what can be asked of them.

    What costs more than the contributions is measured when it is asked for: pairs,
    counterfactuals, faithfulness. Printing shows all of it, of one row or of all.

    Args:
        contributions: what each field adds to each logit, in log odds of a binary
            label; with ``contributions.base`` they add up to the logits.
        values: the rows as they were in the table.
        background: what they are compared with.
        rows: the same rows, embedded.
    """

    contributions: FieldContributions
    values: pl.DataFrame
    background: Background
    rows: Embedded

    def __len__(self) -> int:
        return len(self.contributions)

    def __repr__(self) -> str:
        if len(self) == 1:
            return self.row_text(0)
        if not len(self):
            return "Explanation of 0 rows"
        found = self.importance()
        directions = found.details["signed"]
        places = [found.names.index(name) for name in found.ranked[:SHOWN]]
        lines = aligned(
            [
                [
                    str(found.names[place]),
                    f"{found.scores[place]:.4g}",
                    signed(directions[place]),
                ]
                for place in places
            ],
            head=["field", "mean size", "mean"],
        )
        title = (
            f"Explanation of {len(self):,} rows: what fields add to the logit of "
            f"{self.background.label}, from {self.contributions.base:.4g} on"
        )
        return "\n".join(
            [title, *lines, f"faithful: {self.faithfulness}", *self._warnings()]
        )

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """What the ranker says of the rows, ``(row,)``; of a real label its values."""
        ranker, task = self.background.ranker, self.background.model.task
        logits = np.zeros((len(self), ranker.schema.num_tasks))
        logits[:, task] = self.contributions.logits
        shape = logits.shape if logits.shape[1] > 1 else (len(self),)
        values = ranker.calibrate(logits.reshape(shape))
        return values.reshape(logits.shape)[:, task]

    def importance(self) -> Importance:
        """Summarise all rows.

        Returns:
            An importance of fields, by the mean size of what they add.

        Raises:
            DataError: if there is no row.
        """
        return self.contributions.importance()

    def of_row(self, row: int) -> Importance:
        """Explain one row.

        Args:
            row: its place.

        Returns:
            An importance of fields, by the size of what they add; the detail
            ``signed`` is what they add.

        Raises:
            IndexError: if there is no such row.
        """
        return self.contributions.of_row(row)

    def pairs(
        self, row: int | None = None, *, num_fields: int = PAIR_FIELDS
    ) -> Importance:
        """Measure which pairs of fields add more together than one by one.

        Args:
            row: place of the row; None for the mean of the first ``MEASURED_ROWS``.
            num_fields: pairs of so many fields, those that add most.

        Returns:
            An importance of pairs.

        Raises:
            DataError: if there is no row.
            IndexError: if there is no such row.
        """
        found = self.importance() if row is None else self.of_row(row)
        if row is None:
            rows = self.rows.take(slice(0, MEASURED_ROWS))
        else:
            rows = self._row(row)
        fields = [str(name) for name in found.ranked[:num_fields]]
        model = self.background.model.first(FEW)
        return pair_differences(model, [rows], fields=fields).importance()

    def counterfactual(
        self,
        row: int = 0,
        *,
        probability: float | None = None,
        threshold: float | None = None,
        margin: float = 0.0,
    ) -> Counterfactual:
        """Search the smallest change of fields that turns the decision on a row.

        Args:
            row: its place.
            probability: at which the decision turns.
            threshold: logit at which it turns, instead; for a ranking see
                ``ranking_thresholds``. None of both is the logit at which the
                contributions start, that of a usual row.
            margin: how far beyond it the changed logit must be.

        Returns:
            The fields; ``values`` of the background hold what they would have to say.

        Raises:
            IndexError: if there is no such row.
            ValueError: if both a probability and a threshold are given.
        """
        if probability is not None and threshold is not None:
            message = "threshold must be None where probability is given, got both."
            raise ValueError(message)
        if probability is not None:
            threshold = self._logit_of(probability)
        if threshold is None:
            threshold = self.contributions.base
        return counterfactual(
            self.background.model,
            self._row(row),
            self.background.candidates,
            threshold=threshold,
            margin=margin,
        )

    @cached_property
    def faithfulness(self) -> Faithfulness:
        """Whether the fields named first move logits most, beside random orders.

        Measured on the first ``MEASURED_ROWS`` rows.
        """
        return measure_faithfulness(
            self.background.model.first(FEW),
            self.rows.take(slice(0, MEASURED_ROWS)),
            self.contributions.values[:MEASURED_ROWS],
        )

    def to_frame(self) -> pl.DataFrame:
        """One row a row: logit, base, and what each field adds.

        Returns:
            Columns ``logit``, ``base``, ``path_error``, and one for each field.
        """
        found = self.contributions
        told = {
            "logit": found.logits,
            "base": np.full(len(self), found.base),
            "path_error": found.path_error,
        }
        columns = dict(zip(found.names, found.values.T, strict=True))
        named = {
            f"{name} added" if name in told else name: column
            for name, column in columns.items()
        }
        return pl.DataFrame(told | named)

    def row_dict(self, row: int) -> dict[str, Any]:
        """The explanation of one row as plain JSON types.

        Args:
            row: its place.

        Returns:
            ``logit``, ``prediction`` and ``base``; ``contributions``, of each field
            what it ``adds``, the largest first; ``pairs``, what two fields add beyond
            each; ``counterfactual``, the fields with the values that would turn the
            decision and the ``logit`` then, or None.

        Raises:
            IndexError: if there is no such row.
        """
        place = range(len(self))[row]
        raw, found = self.values.row(place, named=True), self.contributions
        added = dict(zip(found.names, found.values[place].tolist(), strict=True))
        pairs = self.pairs(place)
        together = zip(pairs.names, pairs.details["signed"].tolist(), strict=True)
        change = self.counterfactual(place)
        return {
            "logit": float(found.logits[place]),
            "prediction": float(self.probabilities[place]),
            "base": found.base,
            "contributions": [
                {"field": name, "value": shown_value(raw[name]), "adds": added[name]}
                for name in sorted(added, key=lambda name: -abs(added[name]))
            ],
            "pairs": [
                {"fields": list(names), "adds": size}
                for names, size in sorted(together, key=lambda one: -abs(one[1]))
            ],
            "counterfactual": {
                "values": dict(self._changes(change)),
                "logit": change.after,
            }
            if change.is_found
            else None,
        }

    def row_text(self, row: int, *, number: int | None = None) -> str:
        """Write the explanation of one row.

        Args:
            row: its place.
            number: what the row is called; None for its place.

        Returns:
            Lines: contributions by falling size, pairs, the counterfactual.

        Raises:
            IndexError: if there is no such row.
        """
        place = range(len(self))[row]
        found, raw = self.of_row(place), self.values.row(place, named=True)
        added = dict(zip(found.names, found.details["signed"], strict=True))
        shown = [str(name) for name in found.ranked[:SHOWN]]
        rest = sum(added[name] for name in found.ranked[SHOWN:])
        unknown = self._unknown(place)
        table = [
            [name, shown_value(raw[name]) + unknown.get(name, ""), signed(added[name])]
            for name in shown
        ]
        table += [["others", "", signed(rest)]] if len(added) > SHOWN else []
        logit = float(self.contributions.logits[place])
        table.append(["base", "", signed(self.contributions.base)])
        table.append(["logit", f"{self.probabilities[place]:.4g}", signed(logit)])
        called = place if number is None else number
        label = self.background.label
        title = f"Why {label} has the logit {logit:.4g} in row {called}:"
        lines = aligned(table, head=["field", "value", "adds"])
        pairs = self.pairs(place)
        together = [
            f"{' x '.join(name)} {signed(pairs.details['signed'][place_])}"
            for name in pairs.ranked[:3]
            for place_ in [pairs.names.index(name)]
        ]
        return "\n".join(
            [
                title,
                *lines,
                f"together: {', '.join(together) or 'nothing'}",
                f"it would turn: {self._change_text(place)}",
                f"faithful: {self.faithfulness}",
                *self._warnings(),
            ]
        )

    def _warnings(self) -> list[str]:
        return [self.background.warning] if self.background.warning else []

    def _unknown(self, row: int) -> dict[str, str]:
        schema = self.background.ranker.schema
        (found,) = unknown_values(schema, self._row(row))
        told = zip(schema.names, found.tolist(), strict=True)
        return {name: " (unknown)" for name, is_unknown in told if is_unknown}

    def _change_text(self, row: int) -> str:
        found = self.counterfactual(row)
        if not found.is_found:
            return "not with any values at hand"
        changes = [f"{name} = {value}" for name, value in self._changes(found)]
        return f"{', '.join(changes)} (logit {found.after:.4g})"

    def _changes(self, found: Counterfactual) -> list[tuple[str, str]]:
        values = self.background.values
        return [
            (name, shown_value(values[source, name]))
            for name, source in zip(found.fields, found.sources, strict=True)
        ]

    def _row(self, row: int) -> Embedded:
        place = range(len(self))[row]
        return self.rows.take(torch.tensor([place], device=self.rows.indices.device))

    def _logit_of(self, probability: float) -> float:
        """The logit that is calibrated to a probability, by bisection."""
        low, high = -50.0, 50.0
        ranker, task = self.background.ranker, self.background.model.task
        for _ in range(60):
            middle = (low + high) / 2
            logits = np.full((1, ranker.schema.num_tasks), middle)
            shaped = logits if logits.shape[1] > 1 else logits[:, 0]
            value = ranker.calibrate(shaped).reshape(-1)[task]
            low, high = (middle, high) if value < probability else (low, middle)
        return high
