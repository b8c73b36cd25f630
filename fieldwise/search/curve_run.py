"""Makes all rankings and fits of a curve that are missing."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from fieldwise.comparison.folder import ComparisonFolder
from fieldwise.comparison.plan import Job
from fieldwise.comparison.runner import run_jobs
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.data.field_view import view_parts
from fieldwise.importance import Importance
from fieldwise.search.controls import CardinalityOrder, RandomOrder, reversed_order
from fieldwise.search.curves import Curves, best_method
from fieldwise.search.field_fits import FieldFits
from fieldwise.search.methods import RanksFields
from fieldwise.search.planted import Planted, plant
from fieldwise.search.rankings import Rankings, make_rankings
from fieldwise.selection import RankingData
from fieldwise.training import FitSettings

__all__ = ["CONTROLS", "CurvePlan", "run_curves"]

RANDOM, CARDINALITY, REVERSED = "random", "cardinality", "reversed"
CONTROLS = (RANDOM, CARDINALITY, REVERSED)

Probes = tuple[Planted | None, Mapping[str, Importance]]
"""Rows with planted fields, and what each method found in them."""


@final
@dataclass(frozen=True)
class CurvePlan:
    """What shall be ranked and fitted.

    Args:
        methods: by name.
        settings: of each fit; their seed is the first one.
        num_seeds: rankings and fits per method.
        random_orders: orders by chance.
        grid: numbers of fields.
    """

    methods: Mapping[str, RanksFields]
    settings: FitSettings
    num_seeds: int
    random_orders: int
    grid: tuple[int, ...] = ()

    @property
    def seeds(self) -> range:
        """Of the rankings and fits of each method."""
        return range(self.settings.seed, self.settings.seed + self.num_seeds)

    @property
    def rankings(self) -> dict[Job, RanksFields]:
        """All rankings, but the one that is turned around: it is not known yet."""
        first = self.settings.seed
        jobs: dict[Job, RanksFields] = {
            Job(seed, name): method
            for seed in self.seeds
            for name, method in self.methods.items()
        }
        jobs |= {Job(seed, CARDINALITY): CardinalityOrder() for seed in self.seeds}
        many = range(first, first + self.random_orders)
        return jobs | {Job(seed, RANDOM): RandomOrder() for seed in many}


@final
@dataclass(frozen=True)
class _Run:
    """What every fit of a run shares."""

    plan: CurvePlan
    encoded: EncodedParts
    folder: ComparisonFolder
    views: Path
    part: str
    made_from: Mapping[str, Any]
    progress: bool | None

    def fits_of(self, orders: Mapping[Job, Importance], *, whole: bool) -> FieldFits:
        """The fits of some orders, and those of all fields where they are wanted."""
        seeds = self.plan.seeds if whole else ()
        return FieldFits.of(self.plan.settings, orders, self.plan.grid, whole=seeds)

    def fit(self, fits: FieldFits) -> dict[Job, str]:
        """Make the fits that are missing, and say what went wrong."""

        def parts_of(job: Job) -> EncodedParts:
            # The rows of the fit before are no longer needed.
            shutil.rmtree(self.views, ignore_errors=True)
            return view_parts(self.encoded, fits.fields[job.model], self.views)

        return run_jobs(
            self.folder.missing(fits.jobs),
            fits,
            parts_of,
            self.folder,
            part=self.part,
            made_from=self.made_from,
            progress=self.progress,
        )

    def curves(
        self, rankings: Rankings, failures: Mapping[Job, str], probes: Probes
    ) -> Curves:
        """Gather what is finished."""
        fits = self.fits_of(rankings.found, whole=True)
        records = {job: self.folder.record(job) for job in fits.jobs}
        return Curves(
            grid=self.plan.grid,
            methods=tuple(self.plan.methods),
            rankings=rankings,
            records={job: found for job, found in records.items() if found},
            failures=failures,
            planted=probes,
        )


def run_curves(
    plan: CurvePlan,
    encoded: EncodedParts,
    folder: ComparisonFolder,
    *,
    views: Path,
    part: str,
    made_from: Mapping[str, Any],
    progress: bool | None = None,
) -> Curves:
    """Rank, plant, fit, and turn the best order around.

    Args:
        plan: what to do.
        encoded: all fields.
        folder: keeps every finished ranking and fit.
        views: a folder for reduced rows that are too large for the memory.
        part: the rows to measure on; no ranking sees a row that is not in the
            training and validation parts.
        made_from: what is known of the rows.
        progress: show bars; None shows them in a terminal.

    Returns:
        All results.
    """
    run = _Run(plan, encoded, folder, views, part, made_from, progress)
    seen = {name: encoded.datasets[name] for name in ("train", "valid")}

    def data_of(seed: int) -> RankingData:
        return RankingData.of(seen, seed=seed)

    rankings = make_rankings(
        plan.rankings, data_of, folder.root / "rankings", progress=progress
    )
    probes = _probe(plan, data_of, folder.root / "planted", progress)
    failures = run.fit(run.fits_of(rankings.found, whole=True))
    best = best_method(run.curves(rankings, failures, probes))
    if best is not None:
        turned = {
            Job(job.seed, REVERSED): reversed_order(found)
            for job, found in rankings.found.items()
            if job.model == best
        }
        rankings.found.update(turned)
        failures |= run.fit(run.fits_of(turned, whole=False))
    return run.curves(rankings, failures, probes)


def _probe(
    plan: CurvePlan,
    data_of: Callable[[int], RankingData],
    folder: Path,
    progress: bool | None,
) -> Probes:
    """Rank once more with noise and copies among the fields."""
    seed = plan.settings.seed
    planted = plant(data_of(seed), seed=seed)
    if planted is None:
        return None, {}
    jobs = {job: each for job, each in plan.rankings.items() if job.seed == seed}
    rankings = make_rankings(jobs, lambda _: planted.data, folder, progress=progress)
    return planted, {job.model: found for job, found in rankings.found.items()}
