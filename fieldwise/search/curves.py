"""All that was found about orders of fields, before it becomes tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from fieldwise.comparison.plan import Job
from fieldwise.importance import Importance
from fieldwise.search.aukc import aukc
from fieldwise.search.field_fits import field_set
from fieldwise.search.planted import Planted
from fieldwise.search.rankings import Rankings

__all__ = ["Curves", "best_method"]


@final
@dataclass(frozen=True)
class Curves:
    """Orders of fields, and the fits that were made of them.

    Args:
        grid: numbers of fields, the same for all methods.
        methods: names of the methods; other names are controls.
        rankings: what each method found, by seed.
        records: of finished fits, by seed and set of fields.
        failures: what went wrong, by fit.
        planted: what each method found among planted fields; the fields themselves.
    """

    grid: tuple[int, ...]
    methods: tuple[str, ...]
    rankings: Rankings
    records: Mapping[Job, Mapping[str, Any]]
    failures: Mapping[Job, str]
    planted: tuple[Planted | None, Mapping[str, Importance]] = (None, {})

    @property
    def names(self) -> list[str]:
        """Methods and controls, in order."""
        jobs = (*self.rankings.found, *self.rankings.errors)
        return list(dict.fromkeys(job.model for job in jobs))

    def found_by(self, method: str) -> dict[int, Importance]:
        """What a method found.

        Args:
            method: its name.

        Returns:
            The importances by seed.
        """
        found = self.rankings.found.items()
        return {job.seed: each for job, each in found if job.model == method}

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields of the table."""
        return tuple(map(str, next(iter(self.rankings.found.values())).names))

    def record_of(self, seed: int, fields: Sequence[object]) -> Any:  # noqa: ANN401
        """The record of the fit of some fields.

        Args:
            seed: of the fit.
            fields: their names.

        Returns:
            Measures, parameters and seconds; None if there is no such fit.
        """
        return self.records.get(Job(seed, field_set(fields)))

    def areas(self, method: str, measures: str) -> dict[int, float]:
        """The area under each curve of a method.

        Args:
            method: its name.
            measures: ``measures`` of the measured rows, or ``valid_measures``.

        Returns:
            Areas by seed; a seed with a missing fit has none.
        """
        areas = {}
        for seed, importance in self.found_by(method).items():
            records = [self.record_of(seed, importance.top(k).kept) for k in self.grid]
            if all(records):
                aucs = [record[measures]["auc"] for record in records]
                areas[seed] = aukc(self.grid, aucs)
        return areas


def best_method(curves: Curves) -> str | None:
    """Choose the method with the largest area on the validation rows.

    Args:
        curves: all results.

    Returns:
        Its name, the first one of several that are equal; None if none has a curve.
    """
    areas = {
        name: float(np.mean(list(found.values())))
        for name in curves.methods
        if (found := curves.areas(name, "valid_measures"))
    }
    return max(areas, key=lambda name: areas[name]) if areas else None
