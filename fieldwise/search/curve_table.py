"""The curves as tables: one row per method, seed and number of fields; one per method.

What is read off the test rows decides nothing: the order in which rows stand is a
report. Which method and how many fields to take is read off the validation rows.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from fieldwise.comparison.plan import Job
from fieldwise.comparison.significance import holm, over_seeds
from fieldwise.importance import Importance, kendall_tau, top_overlap
from fieldwise.search.aukc import fewest_within
from fieldwise.search.curves import Curves
from fieldwise.search.field_fits import field_set

__all__ = ["ALL_FIELDS", "CONTROL", "METHOD", "make_tables"]

ALL_FIELDS = "all fields"
METHOD, CONTROL = "method", "control"

_POINTS: Mapping[str, Any] = {
    "method": pl.String,
    "seed": pl.Int64,
    "k": pl.Int64,
    "auc": pl.Float64,
    "log_loss": pl.Float64,
    "valid_auc": pl.Float64,
    "valid_log_loss": pl.Float64,
    "parameters": pl.Int64,
    "seconds": pl.Float64,
    "fields": pl.List(pl.String),
    "error": pl.String,
}
_LINES: Mapping[str, Any] = {
    "place": pl.Int64,
    "method": pl.String,
    "kind": pl.String,
    "num_seeds": pl.Int64,
    "aukc": pl.Float64,
    "aukc_std": pl.Float64,
    "mean_auc": pl.Float64,
    "valid_aukc": pl.Float64,
    "p_seeds": pl.Float64,
    "p_seeds_corrected": pl.Float64,
    "k_needed": pl.Int64,
    "log_loss": pl.Float64,
    "parameters": pl.Int64,
    "search_seconds": pl.Float64,
    "fit_seconds": pl.Float64,
    "kendall_tau": pl.Float64,
    "top_overlap": pl.Float64,
    "noise_share": pl.Float64,
    "copies_kept": pl.Float64,
    "error": pl.String,
}


def make_tables(curves: Curves) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Bring all results into tables.

    Args:
        curves: all results.

    Returns:
        One row per method, those with the largest area first, and that of all fields
        last; one row per method, seed and number of fields.
    """
    points = [
        _point(name, seed, importance.top(k).kept, curves)
        for name in curves.names
        for seed, importance in curves.found_by(name).items()
        for k in curves.grid
    ]
    whole = {
        job.seed: _point(ALL_FIELDS, job.seed, curves.fields, curves)
        for job in (*curves.records, *curves.failures)
        if job.model == field_set(curves.fields)
    }
    points += [whole[seed] for seed in sorted(whole)]
    table = pl.DataFrame(points, schema=_POINTS)
    areas = {name: curves.areas(name, "measures") for name in curves.names}
    lines = [_line(name, areas[name], table, curves) for name in curves.names]
    lines.sort(key=lambda line: math.inf if line["aukc"] is None else -line["aukc"])
    for place, line in enumerate((x for x in lines if x["aukc"] is not None), start=1):
        line["place"] = place
    _add_tests(lines, areas)
    lines.append(_whole_line(table, len(curves.fields)))
    return pl.DataFrame(lines, schema=_LINES), table


def _point(
    method: str, seed: int, fields: Sequence[object], curves: Curves
) -> dict[str, Any]:
    record = curves.record_of(seed, fields)
    point: dict[str, Any] = {"method": method, "seed": seed, "k": len(fields)}
    point["fields"] = list(map(str, fields))
    point["error"] = curves.failures.get(Job(seed, field_set(fields)))
    if record is None:
        return point
    for prefix, measures in (("", "measures"), ("valid_", "valid_measures")):
        for name in ("auc", "log_loss"):
            point[f"{prefix}{name}"] = record[measures].get(name)
    return point | {name: record[name] for name in ("parameters", "seconds")}


def _line(
    name: str, areas: Mapping[int, float], points: pl.DataFrame, curves: Curves
) -> dict[str, Any]:
    found = curves.found_by(name)
    own = points.filter(pl.col("method") == name)
    whole = points.filter(pl.col("method") == ALL_FIELDS)
    valid = list(curves.areas(name, "valid_measures").values())
    needed = _needed(own, whole)
    # A row without fields does not exist: it stands for not known.
    there = pl.concat([own, whole]).filter(pl.col("k") == (needed or 0))
    values = list(areas.values())
    line: dict[str, Any] = {
        "method": name,
        "kind": METHOD if name in curves.methods else CONTROL,
        "num_seeds": len(areas),
        "aukc": _mean(values),
        "aukc_std": float(np.std(values, ddof=1)) if len(values) > 1 else None,
        "valid_aukc": _mean(valid),
        "k_needed": needed,
        "log_loss": there["log_loss"].mean(),
        "parameters": _count(there["parameters"].mean()),
        "search_seconds": _mean(
            [s for job, s in curves.rankings.seconds.items() if job.model == name]
        ),
        "fit_seconds": own["seconds"].mean(),
        **_stability(list(found.values()), curves.grid),
        **_noise(name, curves),
        "error": _errors(name, own, curves),
    }
    line["mean_auc"] = None if line["aukc"] is None else (line["aukc"] + 1) / 2
    return line


def _whole_line(points: pl.DataFrame, num_fields: int) -> dict[str, Any]:
    whole = points.filter(pl.col("method") == ALL_FIELDS)
    return {
        "method": ALL_FIELDS,
        "kind": CONTROL,
        "num_seeds": whole["auc"].count(),
        "k_needed": num_fields,
        "log_loss": whole["log_loss"].mean(),
        "parameters": _count(whole["parameters"].mean()),
        "fit_seconds": whole["seconds"].mean(),
        "error": " ".join(whole["error"].drop_nulls().unique().sort()) or None,
    }


def _needed(own: pl.DataFrame, whole: pl.DataFrame) -> int | None:
    """The fewest fields that lose next to nothing on the validation rows."""
    reference = whole["valid_log_loss"].mean()
    if reference is None:
        return None
    both = pl.concat([own, whole]).group_by("k").agg(pl.col("valid_log_loss").mean())
    losses = {k: loss for k, loss in both.rows() if loss is not None}
    return fewest_within(losses, float(reference))  # type: ignore[arg-type]


def _stability(
    found: Sequence[Importance], grid: Sequence[int]
) -> dict[str, float | None]:
    """How alike the orders of different seeds are, over all pairs of them."""
    pairs = list(combinations(found, 2))
    taus = [kendall_tau(*pair) for pair in pairs]
    return {
        "kendall_tau": _mean([tau for tau in taus if not math.isnan(tau)]),
        "top_overlap": _mean([top_overlap(*pair, k) for pair in pairs for k in grid]),
    }


def _noise(name: str, curves: Curves) -> dict[str, float | None]:
    planted, found = curves.planted
    if planted is None or name not in found:
        return {}
    order = found[name]
    return {
        "noise_share": _mean([planted.noise_share(order, k) for k in curves.grid]),
        "copies_kept": _mean([planted.copies_kept(order, k) for k in curves.grid]),
    }


def _add_tests(
    lines: Sequence[dict[str, Any]], areas: Mapping[str, Mapping[int, float]]
) -> None:
    """The paired test of each area against the largest one of a method."""
    ranked = [line["method"] for line in lines if line["aukc"] is not None]
    kinds = {line["method"]: line["kind"] for line in lines}
    best = next((name for name in ranked if kinds[name] == METHOD), None)
    if best is None:
        return
    raw = over_seeds({name: areas[name] for name in ranked}, best)
    corrected = holm(raw)
    for line in lines:
        for column, p_values in (("p_seeds", raw), ("p_seeds_corrected", corrected)):
            p = p_values.get(line["method"], math.nan)
            line[column] = None if math.isnan(p) else p


def _errors(name: str, own: pl.DataFrame, curves: Curves) -> str | None:
    ranking = [
        text for job, text in curves.rankings.errors.items() if job.model == name
    ]
    texts = dict.fromkeys([*ranking, *own["error"].drop_nulls().to_list()])
    return " ".join(texts) or None


def _mean(values: Sequence[int | float]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _count(value: Any) -> int | None:  # noqa: ANN401  a mean of Polars
    return None if value is None else round(value)
