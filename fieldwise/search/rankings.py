"""Makes the rankings that are missing, one after the other; none stops the others."""

import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from fieldwise.comparison.manifest import write_json
from fieldwise.comparison.plan import Job
from fieldwise.comparison.progress import FitBar, seconds_left
from fieldwise.comparison.runner import in_words
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.search.methods import RanksFields, rank_fields
from fieldwise.selection import RankingData

__all__ = ["Rankings", "make_rankings"]

_LOG = logging.getLogger("fieldwise.search")
_DETAILS = logging.getLogger("fieldwise")


@final
@dataclass(frozen=True)
class Rankings:
    """What methods found, by seed and method.

    Args:
        found: the importances.
        seconds: each of them took.
        errors: of those that failed.
    """

    found: dict[Job, Importance] = field(default_factory=dict)
    seconds: dict[Job, float] = field(default_factory=dict)
    errors: dict[Job, str] = field(default_factory=dict)


def make_rankings(
    jobs: Mapping[Job, RanksFields],
    data_of: Callable[[int], RankingData],
    folder: Path,
    *,
    progress: bool | None = None,
) -> Rankings:
    """Rank fields, or find what was ranked before.

    Args:
        jobs: the method of each ranking.
        data_of: gives the rows of a seed.
        folder: keeps each finished ranking as a file.
        progress: show a bar; None shows it in a terminal.

    Returns:
        All rankings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rankings = Rankings()
    for job in jobs:
        _read(_path(folder, job), job, rankings)
    missing = [job for job in jobs if job not in rankings.found]
    known = defaultdict(list)
    for job, seconds in rankings.seconds.items():
        known[job.model].append(seconds)
    data: dict[int, RankingData] = {}
    done = len(jobs) - len(missing)
    with FitBar(enabled=progress, total=len(jobs), done=done) as bar:
        for position, job in enumerate(missing):
            bar.start(job, seconds_left(missing[position:], known))
            if job.seed not in data:
                data = {job.seed: data_of(job.seed)}
            started = time.perf_counter()
            try:
                found = rank_fields(
                    jobs[job], data[job.seed], seed=job.seed, name=job.model
                )
            except Exception as error:
                rankings.errors[job] = in_words(error)
                _LOG.warning(f"ranking by {job} failed: {rankings.errors[job]}")
                _DETAILS.info("the traceback of %s", job, exc_info=True)
            else:
                seconds = time.perf_counter() - started
                _keep(folder, job, found, seconds, rankings)
                known[job.model].append(seconds)
                first = ", ".join(map(str, found.ranked[:3]))
                _LOG.info("ranking by %s: %s, ... %.1f seconds", job, first, seconds)
            bar.finish()
    return rankings


def _path(folder: Path, job: Job) -> Path:
    return folder / f"{job.model}-{job.seed}.json"


def _keep(
    folder: Path, job: Job, found: Importance, seconds: float, rankings: Rankings
) -> None:
    content = {"importance": found.to_dict(), "seconds": seconds}
    write_json(_path(folder, job), content)
    rankings.found[job], rankings.seconds[job] = found, seconds


def _read(path: Path, job: Job, rankings: Rankings) -> None:
    if not path.is_file():
        return
    try:
        content = json.loads(path.read_bytes())
        rankings.found[job] = Importance.from_dict(content["importance"])
        rankings.seconds[job] = float(content["seconds"])
    except (DataError, KeyError, TypeError, ValueError) as error:
        rankings.found.pop(job, None)
        _LOG.warning(f"{job} must be ranked again: {error}")
