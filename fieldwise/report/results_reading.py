"""Reads the folder of a comparison or of curves."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.comparison.finished_fit import FinishedFit, read_record
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import choose_measure
from fieldwise.comparison.plan import Job
from fieldwise.diagnosis.reliability import reliability_of
from fieldwise.diagnosis.segments import segment_lines
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.report.cloud_files import read_clouds
from fieldwise.report.importance_files import read_importances, read_rankings
from fieldwise.report.run_contents import Diagnosed, RunContents

__all__ = ["read_results"]

_LOG = logging.getLogger("fieldwise")

METHOD = "method"
MOST_EXPLAINED = 5
"""Systems whose fields are shown side by side, the best ones."""


def read_results(folder: Path) -> RunContents:
    """Read what ``compare`` or ``curve`` has left.

    Args:
        folder: of the results.

    Returns:
        What it tells.

    Raises:
        DataError: if nothing is finished yet, or a file is damaged.
    """
    is_curve = (folder / "curve.parquet").is_file()
    if not is_curve and not (folder / "leaderboard.parquet").is_file():
        message = (
            f"run must be finished, got {str(folder)!r} without a result. Run the same "
            "command again: it goes on where it stopped."
        )
        raise DataError(message)
    try:
        return _read(folder, "curve" if is_curve else "compare")
    except (KeyError, TypeError, ValueError, OSError, pl.exceptions.PolarsError) as e:
        message = f"{folder} must hold a comparison or curves, got {e!r}."
        raise DataError(message) from e


def _read(folder: Path, kind: Literal["compare", "curve"]) -> RunContents:
    identity = json.loads((folder / "comparison.json").read_bytes())["identity"]
    about = json.loads((folder / "rows.json").read_bytes())
    rows = MeasuredRows.read(folder / "rows.parquet")
    split = about.get("split", identity["split"])
    part = "test" if split["rows"].get("test") else "valid"
    board = curve = points = None
    if kind == "compare":
        board = pl.read_parquet(folder / "leaderboard.parquet")
        best = _best(board)
    else:
        curve = pl.read_parquet(folder / "curve.parquet")
        points = pl.read_parquet(folder / "points.parquet")
        best = str(identity["curve"]["model"])
    methods = [] if curve is None else _methods(curve)
    records = _records(folder) if kind == "compare" else {}
    own = {name: one for name, one in records.items() if name[0] == best}
    record = own[min(own)] if own else {}
    line = {} if board is None else board.row(0, named=True)
    return RunContents(
        folder=folder,
        kind=kind,
        schema=identity["schema"],
        split=split,
        fingerprint=identity["data"],
        part=part,
        model=best,
        metrics=_metrics(line, rows),
        unknown_shares=about.get("unknown_shares", {}),
        histories=_histories(records),
        parameters=record.get("parameters"),
        seconds=record.get("seconds"),
        diagnosed=_reliability(folder, rows, min(own) if own else None, part),
        leaderboard=board,
        measure=choose_measure(rows),
        curve=curve,
        points=points,
        importances=[
            *read_rankings(folder, methods),
            *read_importances(folder, {}),
            *_importances(records, [] if board is None else board["model"].to_list()),
        ],
        clouds=read_clouds(folder),
        warnings=[str(warning) for warning in about.get("warnings", ())],
        environment=record.get("environment", identity.get("versions", {})),
        settings=_settings(identity),
        seeds=sorted({seed for _, seed in records}),
    )


def _methods(curve: pl.DataFrame) -> list[str]:
    return [str(x) for x in curve.filter(pl.col("kind") == METHOD)["method"]]


def _best(board: pl.DataFrame) -> str:
    return str(board["model"][0]) if board["num_seeds"][0] else ""


def _records(folder: Path) -> dict[tuple[str, int], dict[str, Any]]:
    """What each finished fit tells, by model and seed."""
    found = {}
    for path in sorted((folder / "fits").glob("*.parquet")):
        model, _, seed = path.stem.rpartition("-")
        try:
            found[model, int(seed)] = read_record(path)
        except (DataError, ValueError) as error:
            _LOG.warning(f"{path} is left out of the report: {error}")
    return found


def _histories(
    records: Mapping[tuple[str, int], Mapping[str, Any]],
) -> dict[str, Mapping[str, Any]]:
    """The epochs of the first seed of each model, where a fit has kept them."""
    found: dict[str, Mapping[str, Any]] = {}
    for (model, _), record in sorted(records.items()):
        if "history" in record and model not in found:
            found[model] = record["history"]
    return found


def _importances(
    records: Mapping[tuple[str, int], Mapping[str, Any]], models: Sequence[str]
) -> list[Importance]:
    """What the first systems of the leaderboard tell of the fields they need."""
    told = {
        model: Importance.from_dict(record["importance"])
        for (model, _), record in sorted(records.items())
        if record.get("importance") is not None
    }
    first = [model for model in models if model in told][:MOST_EXPLAINED]
    return [replace(told[model], method=f"{model}, permuted") for model in first]


def _metrics(
    line: Mapping[str, Any], rows: MeasuredRows
) -> dict[str, Mapping[str, Any]]:
    """Of the best model; the mean over the labels where there are several."""
    known = {name: line[name] for name in ("auc", "log_loss", "ece") if line.get(name)}
    if "squared_error" in line and line["squared_error"] is not None:
        known["rmse"] = float(line["squared_error"]) ** 0.5
    if not known:
        return {}
    known["num_rows"] = len(rows)
    task = 0
    seen = rows.observed(task)
    labels = rows.labels[seen, task]
    weights = None if rows.weights is None else rows.weights[seen]
    mean = float(np.average(labels, weights=weights)) if len(labels) else float("nan")
    if rows.kinds[task] == "binary" and len(rows.names) == 1 and 0 < mean < 1:
        entropy = -(mean * np.log(mean) + (1 - mean) * np.log1p(-mean))
        known["positive_rate"] = mean
        known["normalized_entropy"] = known.get("log_loss", np.nan) / float(entropy)
    return {rows.names[task]: known}


def _reliability(
    folder: Path, rows: MeasuredRows, job: tuple[str, int] | None, part: str
) -> Diagnosed | None:
    """Of the first fit of the best model: what it says of each row was kept."""
    if job is None:
        return None
    model, seed = job
    path = folder / "fits" / f"{model}-{seed}.parquet"
    values = FinishedFit.read(path, Job(seed, model)).values.astype(np.float64)
    found = {
        name: reliability_of(
            rows.labels[:, task], values[:, task].clip(0, 1), weights=rows.weights
        )
        for task, name in enumerate(rows.names)
        if rows.kinds[task] == "binary"
    }
    segments = _segments(rows, values)
    return Diagnosed(part, found, segments, subject=f"{model}, seed {seed}")


def _segments(rows: MeasuredRows, values: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Of the fields that tell most of the label, whatever the model."""
    found = []
    for task, label in enumerate(rows.names):
        if rows.kinds[task] != "binary":
            continue
        for name, column in rows.segments.items():
            texts = column.unique().sort().to_list()
            codes = column.cast(pl.Enum(texts)).to_physical().to_numpy()
            lines = segment_lines(
                codes.astype(np.int64),
                texts.__getitem__,
                rows.labels[:, task],
                values[:, task].clip(0, 1),
                weights=rows.weights,
            )
            found.append({"field": name, "label": label, "lines": lines})
    return found


def _settings(identity: Mapping[str, Any]) -> str:
    names = ("recipe", "calibration", "negative_rate", "model", "versions")
    shown = {name: identity[name] for name in names if name in identity}
    return json.dumps(shown, indent=1, ensure_ascii=False)
