"""Reads the folder of a run, whichever command made it."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fieldwise.diagnosis import Diagnosis
from fieldwise.diagnosis.diagnosis import DIAGNOSIS
from fieldwise.errors import DataError
from fieldwise.report.cloud_files import read_clouds
from fieldwise.report.importance_files import read_importances
from fieldwise.report.results_reading import read_results
from fieldwise.report.run_contents import Diagnosed, RunContents

__all__ = ["read_run"]

RANKER, MANIFEST = "ranker", "ranker.json"
RESULTS = "comparison.json"


def read_run(folder: str | Path) -> RunContents:
    """Read what a run has left.

    Nothing in the folder is run, and no model is built: only JSON, TOML and Parquet
    files are read.

    Args:
        folder: that ``fit``, ``compare``, ``curve`` or ``Ranker.save`` has written.

    Returns:
        What it tells.

    Raises:
        DataError: if it is no such folder, or a file in it is damaged.
    """
    folder = Path(folder)
    if (folder / RESULTS).is_file():
        return read_results(folder)
    home = folder / RANKER if (folder / RANKER).is_dir() else folder
    if not (home / MANIFEST).is_file():
        message = (
            "run must be a folder that 'fieldwise fit', 'compare' or 'curve' wrote, "
            f"got {str(folder)!r}. Fit one first: fieldwise fit DATA --label LABEL."
        )
        raise DataError(message)
    try:
        return _fit(folder, home)
    except (KeyError, TypeError, ValueError, OSError) as error:
        message = f"{home / MANIFEST} must be that of a ranker, got {error!r}."
        raise DataError(message) from error


def _fit(folder: Path, home: Path) -> RunContents:
    manifest = json.loads((home / MANIFEST).read_bytes())
    info, schema = manifest["info"], manifest["schema"]
    metrics = info.get("metrics", {})
    part = "test" if metrics.get("test") else "valid"
    labels = [str(label["name"]) for label in schema["labels"]]
    config = folder / "config.toml"
    settings = config.read_text("utf-8") if config.is_file() else ""
    has_file = (folder / DIAGNOSIS).is_file()
    found = Diagnosis.load(folder) if has_file else None
    board, measure = _board(folder)
    return RunContents(
        folder=folder,
        kind="fit",
        data=_data_name(settings),
        schema=schema,
        split=info.get("split", {}),
        fingerprint=info.get("data_fingerprint", ""),
        part=part,
        model=str(manifest["model"]["name"]),
        metrics=_by_label(metrics.get(part, {}), labels),
        uncalibrated=_by_label(
            info.get("uncalibrated_metrics", {}).get(part, {}), labels
        ),
        unknown_shares=info.get("unknown_shares", {}),
        histories={str(manifest["model"]["name"]): info.get("history", {})},
        parameters=None if found is None else found.parameters,
        seconds=_seconds(folder, info),
        num_bytes=sum(x.stat().st_size for x in home.rglob("*") if x.is_file()),
        diagnosed=_diagnosed(found),
        leaderboard=board,
        measure=measure,
        importances=read_importances(folder, info),
        clouds=read_clouds(folder),
        warnings=[str(warning) for warning in info.get("warnings", ())],
        environment=info.get("environment", {}),
        settings=settings or json.dumps(info.get("recipe", {}), indent=1),
        seeds=[int(info.get("recipe", {}).get("seed", 0))],
    )


def _board(folder: Path) -> tuple[Any, str]:
    """A leaderboard that somebody has put beside a ranker."""
    import polars as pl

    path = folder / "leaderboard.parquet"
    board = pl.read_parquet(path) if path.is_file() else None
    has_auc = board is None or "auc" in board.columns
    return board, "auc" if has_auc else "squared_error"


def _by_label(
    metrics: Mapping[str, Any], labels: list[str]
) -> dict[str, Mapping[str, Any]]:
    """The metrics of one label and of several in the same form."""
    if not metrics:
        return {}
    return {labels[0]: metrics} if len(labels) == 1 else dict(metrics)


def _data_name(settings: str) -> str:
    if not settings:
        return ""
    path = tomllib.loads(settings).get("data", {}).get("path", "")
    paths = [path] if isinstance(path, str) else path
    return ", ".join(Path(str(one)).name for one in paths[:3])


def _seconds(folder: Path, info: Mapping[str, Any]) -> float | None:
    path = folder / "environment.json"
    if path.is_file():
        found = json.loads(path.read_bytes()).get("fit_seconds")
        return None if found is None else float(found)
    epochs = info.get("history", {}).get("epochs", [])
    return sum(epoch["seconds"] for epoch in epochs) if epochs else None


def _diagnosed(found: Diagnosis | None) -> Diagnosed | None:
    if found is None:
        return None
    return Diagnosed(
        part=found.part,
        reliability=found.reliability,
        segments=found.segments,
        fields=found.fields,
        latency=found.latency,
        calibrators=found.calibrators,
    )
