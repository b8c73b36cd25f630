"""The folder of a run: the ranker, and all that is needed to judge and repeat it.

::

    config.toml       every setting, defaults included; fit --config repeats the run
    schema.json       the fields, their vocabularies' sizes and scales
    metrics.json      of the held-out parts, before and after calibration
    history.json      the epochs
    environment.json  versions, platform, seconds
    fingerprint.json  checksums of the data and of the split, seeds
    diagnosis.json    reliability, segments, facts of the fields, importance, latency
    importances/      what matters, by method; the report draws all that is there
    clouds/           interactions in models that are almost as good, if soon measured
    log.txt           what was said on the way
    report.html       and .md: what fieldwise report writes
    ranker/           the ranker, as Ranker.save writes it, and its model card
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldwise._new_folder import new_folder
from fieldwise.cli.json_text import json_text
from fieldwise.cli.toml import dump_toml
from fieldwise.errors import DataError

if TYPE_CHECKING:
    from fieldwise.diagnosis import Diagnosis
    from fieldwise.ranker import Ranker

__all__ = [
    "IMPORTANCES",
    "LOG",
    "RANKER",
    "default_folder",
    "find_ranker",
    "free_folder",
    "new_run_folder",
    "write_run",
]

CONFIG = "config.toml"
IMPORTANCES = "importances"
LOG = "log.txt"
RANKER = "ranker"


def find_ranker(folder: Path) -> Path:
    """Find the ranker in the folder of a run.

    Args:
        folder: of a run, or of a ranker.

    Returns:
        The folder of the ranker.
    """
    return folder / RANKER if (folder / RANKER).is_dir() else folder


def default_folder(path: str, model: str) -> Path:
    """Name a run after its data and its model.

    Examples:
        >>> default_folder("logs/clicks-*.csv.gz", "lr").as_posix()
        'runs/clicks-lr'

    Args:
        path: a file, folder or glob pattern.
        model: name of the model.

    Returns:
        A folder below ``runs``.
    """
    stem = Path(path).name.split(".")[0].strip("*?-_") or "run"
    return Path("runs") / f"{stem}-{model}"


def free_folder(folder: Path) -> Path:
    """Find a name that is not taken yet.

    Args:
        folder: the name that would be best.

    Returns:
        It, or it with the first number from 2 that is free.
    """
    free, number = folder, 2
    while free.exists():
        free, number = folder.with_name(f"{folder.name}-{number}"), number + 1
    return free


@contextmanager
def new_run_folder(folder: Path, *, overwrite: bool) -> Iterator[Path]:
    """Make a folder that appears when all of it is written, or not at all.

    Args:
        folder: where to.
        overwrite: replace a run that is already there.

    Yields:
        The folder to write into, under a temporary name beside its place.

    Raises:
        DataError: if the place is taken and must not be replaced.
    """
    if folder.exists() and not (overwrite and (folder / CONFIG).is_file()):
        remedy = "It holds no run" if overwrite else "Pass --overwrite to replace it"
        message = f"--out must be a new folder, got {str(folder)!r}. {remedy}."
        raise DataError(message)
    with new_folder(folder, replace=overwrite) as partial:
        yield partial


def write_run(
    folder: Path,
    ranker: "Ranker",
    config: Mapping[str, Any],
    *,
    seconds: float,
    diagnosis: "Diagnosis | None" = None,
) -> None:
    """Write all but the log and the report.

    Args:
        folder: where to.
        ranker: what was fitted.
        config: every setting of the run.
        seconds: the fit took.
        diagnosis: what was measured beside the metrics.
    """
    info = ranker.info
    (folder / CONFIG).write_text(dump_toml(config), "utf-8")
    reports: Mapping[str, object] = {
        "schema": ranker.schema.to_dict(),
        "metrics": {
            "metrics": info["metrics"],
            "uncalibrated_metrics": info["uncalibrated_metrics"],
            "unknown_shares": info["unknown_shares"],
            "warnings": info["warnings"],
        },
        "history": info["history"],
        "environment": {**info["environment"], "fit_seconds": round(seconds, 3)},
        "fingerprint": {
            "data": info["data_fingerprint"],
            "split": info["split"],
            "seeds": {"training": info["recipe"]["seed"]},
        },
    }
    for name, report in reports.items():
        (folder / f"{name}.json").write_text(json_text(report) + "\n", "utf-8")
    if diagnosis is not None:
        diagnosis.save(folder)
        if diagnosis.importance is not None:
            diagnosis.importance.save(folder / IMPORTANCES / "permutation")
    ranker.save(folder / RANKER)
