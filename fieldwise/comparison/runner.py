"""Makes the fits that are missing, one after the other; none stops the others."""

import gc
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch

from fieldwise.comparison.finished_fit import FinishedFit
from fieldwise.comparison.folder import ComparisonFolder
from fieldwise.comparison.measures import MEASURES, combine_metrics
from fieldwise.comparison.plan import Job
from fieldwise.comparison.progress import FitBar, seconds_left
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.data.loader import Loader
from fieldwise.fitting import fit_encoded
from fieldwise.ranker import Ranker
from fieldwise.scoring import score_batches
from fieldwise.sensitivity import permute_some_rows
from fieldwise.training import FitSettings
from fieldwise.training.environment import environment

__all__ = ["Fits", "in_words", "run_jobs"]

_LOG = logging.getLogger("fieldwise.comparison")
_DETAILS = logging.getLogger("fieldwise")
SCORING_BATCH = 8192
MAX_SCORED = 300_000
"""Rows scored to tell what fields are worth, of each fit that is asked."""
LONG = 10.0
"""Seconds; looking for memory that nobody holds takes half of one, and would be most of
a curve of short fits."""

PartsOf = Callable[[Job], EncodedParts]


@runtime_checkable
class Fits(Protocol):
    """What shall be fitted, and how."""

    @property
    def jobs(self) -> Sequence[Job]:
        """All fits."""
        ...  # pragma: no cover

    def settings_of(self, job: Job) -> FitSettings:
        """The settings of one fit.

        Args:
            job: the fit.

        Returns:
            The settings, with its seed.
        """
        ...  # pragma: no cover


def run_jobs(
    jobs: Sequence[Job],
    plan: Fits,
    parts_of: PartsOf,
    folder: ComparisonFolder,
    *,
    part: str,
    made_from: Mapping[str, Any],
    explained: Collection[Job] = (),
    progress: bool | None = None,
) -> dict[Job, str]:
    """Make fits and keep their results.

    Args:
        jobs: the fits to make.
        plan: the settings of all fits.
        parts_of: gives the rows of a fit.
        folder: keeps the results.
        part: the rows to measure on.
        made_from: what each ranker tells of its rows.
        explained: fits that also tell what each field is worth to them.
        progress: show a bar; None shows it in a terminal.

    Returns:
        What went wrong, by fit.
    """
    _warm_up()
    failures: dict[Job, str] = {}
    seconds = _seconds(folder, plan.jobs)
    num_jobs = len(plan.jobs)
    done = num_jobs - len(jobs)
    with FitBar(enabled=progress, total=num_jobs, done=done) as bar:
        for position, job in enumerate(jobs):
            bar.start(job, seconds_left(jobs[position:], seconds))
            try:
                fit = _fit(
                    job,
                    plan,
                    parts_of,
                    folder,
                    part=part,
                    made_from=made_from,
                    explained=job in explained,
                )
            except Exception as error:
                failures[job] = in_words(error)
                # A screen shows each template once: this text is its own template.
                _LOG.warning(f"{job} failed: {failures[job]}")
                _DETAILS.info("the traceback of %s", job, exc_info=True)
            else:
                folder.keep(fit)
                seconds[job.model].append(fit.record["seconds"])
                place = f"fit {done + position + 1} of {num_jobs}"
                _LOG.info("%s: %s: %s", place, job, _described(fit))
            if job in failures or seconds[job.model][-1] > LONG:
                _free_memory()
            bar.finish()
    return failures


def _fit(
    job: Job,
    plan: Fits,
    parts_of: PartsOf,
    folder: ComparisonFolder,
    *,
    part: str,
    made_from: Mapping[str, Any],
    explained: bool,
) -> FinishedFit:
    encoded = parts_of(job)
    started = time.perf_counter()
    ranker = fit_encoded(
        encoded,
        plan.settings_of(job),
        made_from=made_from,
        checkpoints=folder.state(job),
        # The bar over all fits is the one that is shown.
        progress=False,
    )
    elapsed = time.perf_counter() - started
    dataset = encoded.datasets[part]
    history = ranker.info["history"]
    names = dataset.schema.label_names
    trained = sum(epoch["seconds"] for epoch in history["epochs"])
    record = {
        "measures": combine_metrics(ranker.metrics[part], names),
        "valid_measures": combine_metrics(ranker.metrics["valid"], names),
        "parameters": sum(weight.numel() for weight in ranker.model.parameters()),
        # Of a fit that went on after a kill, the clock saw only the rest.
        "seconds": max(elapsed, trained),
        "num_epochs": len(history["epochs"]),
        "best_epoch": history["best_epoch"],
        "model_arguments": ranker.model_arguments,
        "recipe": ranker.info["recipe"],
        "history": history,
        "environment": ranker.info["environment"],
    }
    if explained:
        found = permute_some_rows(ranker.model, dataset, max_scored=MAX_SCORED)
        record["importance"] = None if found is None else found.to_dict()
    return FinishedFit(job, _values(ranker, dataset), record)


def _values(ranker: Ranker, dataset: Dataset) -> np.ndarray[Any, np.dtype[np.float32]]:
    batches = Loader(dataset, batch_size=SCORING_BATCH).epoch(0)
    values = ranker.calibrate(score_batches(ranker.model, batches))
    return values.reshape(len(dataset), -1).astype(np.float32)


def _seconds(folder: ComparisonFolder, jobs: Sequence[Job]) -> dict[str, list[float]]:
    """Seconds of finished fits, by model."""
    known: dict[str, list[float]] = defaultdict(list)
    for job in jobs:
        if record := folder.record(job):
            known[job.model].append(record["seconds"])
    return known


def _described(fit: FinishedFit) -> str:
    measures = fit.record["measures"]
    shown = [
        f"{title} {measures[name]:.5f}"
        for name, title in MEASURES.items()
        if name in measures
    ]
    shown.append(f"{fit.record['parameters']:,} parameters")
    return ", ".join([*shown, f"{fit.record['seconds']:.1f} seconds"])


def in_words(error: Exception) -> str:
    """Tell an error in one line.

    Examples:
        >>> in_words(ValueError("no rows"))
        'ValueError: no rows'

    Args:
        error: what went wrong.

    Returns:
        Its type and its message.
    """
    text = " ".join(str(error).split()) or "no message"
    return f"{type(error).__name__}: {text}"


def _warm_up() -> None:
    """What happens once in a process must not count as seconds of the first fit."""
    import_module("lightning_fabric")
    environment()


def _free_memory() -> None:
    # What a failed fit held must not be missing in the next one.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
