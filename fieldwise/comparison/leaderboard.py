"""The results as tables: one row per fit, one row per model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import polars as pl

from fieldwise.comparison.finished_fit import FinishedFit
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import (
    MEASURES,
    choose_measure,
    higher_is_better,
)
from fieldwise.comparison.plan import Job, Plan
from fieldwise.comparison.significance import holm, over_rows, over_seeds

__all__ = ["LEVEL", "Leaderboard", "make_leaderboard"]

LEVEL = 0.05
"""From this p on a system cannot be told from the best."""


@final
@dataclass(frozen=True)
class Leaderboard:
    """All results.

    Args:
        measure: name in ``MEASURES`` of the one that decides the order.
        models: one row per model, the best first, those without a result last.
        runs: one row per fit.
    """

    measure: str
    models: pl.DataFrame
    runs: pl.DataFrame


def make_leaderboard(
    plan: Plan,
    fits: Sequence[FinishedFit],
    failures: Mapping[Job, str],
    rows: MeasuredRows,
    *,
    part: str,
) -> Leaderboard:
    """Bring results in order, and test each system against the best.

    Args:
        plan: what was to be fitted.
        fits: the results.
        failures: what went wrong, by fit.
        rows: that systems are compared on.
        part: name of these rows.

    Returns:
        The tables.
    """
    measure = choose_measure(rows)
    by_job = {fit.job: fit for fit in fits}
    by_model = {
        model: [fit for fit in fits if fit.job.model == model] for model in plan.models
    }
    order = _ordered(by_model, measure)
    tests = _tests({name: by_model[name] for name in order}, rows, measure)
    lines = []
    for place, model in enumerate(order, start=1):
        lines.append({"place": place, **_line(by_model[model]), **tests[model]})
    for model in (model for model in plan.models if not by_model[model]):
        lines.append({"place": None, "model": model, "num_seeds": 0})
    for line in lines:
        line["error"] = _errors(str(line["model"]), failures)
    runs = [_run(job, by_job.get(job), failures.get(job), part) for job in plan.jobs]
    return Leaderboard(measure, _frame(lines), _frame(runs))


def _ordered(by_model: Mapping[str, list[FinishedFit]], measure: str) -> list[str]:
    means = {
        name: float(np.mean([fit.record["measures"][measure] for fit in fits]))
        for name, fits in by_model.items()
        if fits
    }
    is_high = higher_is_better(measure)
    return sorted(means, key=lambda name: means[name], reverse=is_high)


def _line(fits: Sequence[FinishedFit]) -> dict[str, Any]:
    line: dict[str, Any] = {"model": fits[0].job.model, "num_seeds": len(fits)}
    for name in fits[0].record["measures"]:
        values = [fit.record["measures"][name] for fit in fits]
        line[name] = float(np.mean(values))
        # One fit tells nothing about the spread.
        spread = float(np.std(values, ddof=1)) if len(values) > 1 else None
        line[f"{name}_std"] = spread
    line["parameters"] = fits[0].record["parameters"]
    line["seconds"] = float(np.mean([fit.record["seconds"] for fit in fits]))
    return line


def _tests(
    by_model: Mapping[str, Sequence[FinishedFit]], rows: MeasuredRows, measure: str
) -> dict[str, dict[str, float | bool | None]]:
    """Both tests of each system against the first, raw and corrected."""
    if not by_model:
        return {}
    best = next(iter(by_model))
    said = {name: [fit.values for fit in fits] for name, fits in by_model.items()}
    reached = {
        name: {fit.job.seed: float(fit.record["measures"][measure]) for fit in fits}
        for name, fits in by_model.items()
    }
    found = {
        "p_rows": (by_rows := over_rows(said, best, rows, measure)),
        "p_rows_corrected": (corrected := holm(by_rows)),
        "p_seeds": (by_seeds := over_seeds(reached, best)),
        "p_seeds_corrected": holm(by_seeds),
    }
    tests: dict[str, dict[str, float | bool | None]] = {}
    for name in by_model:
        p_values = {title: p.get(name, math.nan) for title, p in found.items()}
        p = corrected.get(name, math.nan)
        tests[name] = {
            **{title: None if math.isnan(p) else p for title, p in p_values.items()},
            "is_best": name == best,
            "like_best": None if math.isnan(p) else p >= LEVEL,
        }
    return tests


def _errors(model: str, failures: Mapping[Job, str]) -> str | None:
    """What went wrong in the fits of a model; what several share stands once."""
    found: dict[str, list[str]] = {}
    for job, text in failures.items():
        if job.model == model:
            found.setdefault(text, []).append(str(job.seed))
    parts = [f"seed {', '.join(seeds)}: {text}" for text, seeds in found.items()]
    return " ".join(parts) or None


def _run(
    job: Job, fit: FinishedFit | None, error: str | None, part: str
) -> dict[str, Any]:
    line: dict[str, Any] = {"model": job.model, "seed": job.seed, "part": part}
    line["error"] = error
    if fit is None:
        return line
    valid = fit.record["valid_measures"]
    more = {f"valid_{name}": valid[name] for name in MEASURES if name in valid}
    names = ("num_epochs", "best_epoch", "parameters", "seconds")
    return {
        **line,
        **fit.record["measures"],
        **(more if part != "valid" else {}),
        **{name: fit.record[name] for name in names},
    }


def _frame(lines: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A table of lines, some of which lack columns or know no value in them."""
    types = {
        "error": pl.String,
        "place": pl.Int64,
        "is_best": pl.Boolean,
        "like_best": pl.Boolean,
    }
    frame = pl.DataFrame(list(lines), infer_schema_length=None)
    unknown = {name: types.get(name, pl.Float64) for name in frame.columns}
    return frame.with_columns(
        pl.col(name).cast(unknown[name])
        for name, dtype in frame.schema.items()
        if dtype == pl.Null
    )
