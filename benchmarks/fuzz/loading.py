"""Loads one folder as a stranger's: within limits of time and memory."""

import gc
import resource
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fieldwise.errors import DataError, FieldwiseError, RankerFormatError
from fieldwise.importance import Importance, Selection
from fieldwise.ranker import Ranker

__all__ = ["CPU_SECONDS", "FAILURES", "MIB", "load_watched", "restrict"]

MIB = 2**20
MEMORY = 768 * MIB
CPU_SECONDS = 20
CLEAR = Path("/proc/self/clear_refs")

FAILURES = (
    *("another error", "out of memory", "unseen damage", "not finite"),
    *("crash", "hang", "forbidden act"),
)
"""Outcomes that must never be."""


def restrict() -> None:
    """Limit the memory of this process to what it has and a little more."""
    warnings.simplefilter("ignore")
    gc.freeze()  # what was imported is no garbage, and need not be searched for it
    limit = _kilobytes("VmData") * 1024 + MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def load_watched(
    folder: Path,
    kind: str,
    rows: list[dict[str, Any]],
    noted: list[str],
    *,
    must_refuse: bool,
) -> dict[str, Any]:
    """Load and use what is in a folder.

    Args:
        folder: of a ranker, an importance or a selection.
        kind: which of these, in the plural.
        rows: for a ranker to predict.
        noted: what the process did that it must not do; grows.
        must_refuse: whether a checksum is wrong, so that nothing may be loaded.

    Returns:
        The outcome, what was said, and the memory in bytes it took.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))
    gc.collect()
    before = _kilobytes("VmRSS")
    with CLEAR.open("w") as file:
        file.write("5")  # the peak starts again from here
    noted.clear()
    outcome, message = _try(folder, kind, rows)
    taken = (_kilobytes("VmHWM") - before) * 1024
    if must_refuse and outcome != "refused":
        outcome = "unseen damage"
    if noted:
        outcome, message = "forbidden act", "; ".join(noted[:5])
    return {"outcome": outcome, "message": message[:400], "bytes": taken}


def _try(folder: Path, kind: str, rows: list[dict[str, Any]]) -> tuple[str, str]:
    wanted = RankerFormatError if kind == "rankers" else DataError
    try:
        if kind != "rankers":
            return _load_other(folder, kind), ""
        ranker = Ranker.load(folder)
    except wanted as error:
        is_memory = _mentions_memory(error)
        return ("out of memory" if is_memory else "refused"), str(error)
    except BaseException as error:
        return "another error", f"{type(error).__name__}: {error}"
    try:
        one_way, other_way = ranker.predict(rows), ranker.predict(_columns(rows))
    except FieldwiseError as error:
        return "loaded, rows refused", f"{type(error).__name__}: {error}"
    except BaseException as error:
        return "another error", f"predict: {type(error).__name__}: {error}"
    is_finite = np.isfinite(one_way).all() and np.isfinite(other_way).all()
    return ("loaded" if is_finite else "not finite"), repr(one_way[:1].tolist())


def _load_other(folder: Path, kind: str) -> str:
    if kind == "selections":
        repr(Selection.load(folder / "kept.json"))
    else:
        importance = Importance.load(folder)
        repr(importance)
        repr(importance.ranked[:3])
    return "loaded"


def _columns(rows: list[dict[str, Any]]) -> Mapping[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _mentions_memory(error: BaseException | None) -> bool:
    words = (
        "MemoryError",
        "not enough memory",
        "can't allocate",
        "bad_alloc",
        "malloc",
    )
    while error is not None:
        if isinstance(error, MemoryError) or any(x in str(error) for x in words):
            return True
        error = error.__cause__ or error.__context__
    return False


def _kilobytes(name: str) -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
