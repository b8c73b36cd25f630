"""What is measured of a saved ranker, each in a process of its own."""

import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar, final

import numpy as np
import torch

from benchmarks.prediction.log import draw_rows
from fieldwise.ranker import Ranker

__all__ = ["Bulk", "Latency", "in_new_process", "measure_bulk", "measure_latency"]

Result = TypeVar("Result")

NUM_WARM = 50


@final
@dataclass(frozen=True)
class Bulk:
    """A file of raw rows, scored in chunks.

    Args:
        rows_per_second: from the file to probabilities.
        peak_mib: memory of the whole process at its highest.
        start_mib: the same before the first chunk.
    """

    rows_per_second: float
    peak_mib: float
    start_mib: float


@final
@dataclass(frozen=True)
class Latency:
    """One row as a dictionary, again and again.

    Args:
        first: milliseconds of the first call, which builds the look-up.
        median: of the calls, in milliseconds.
        p99: of the calls, in milliseconds.
        encoding: median of encoding alone, in milliseconds.
    """

    first: float
    median: float
    p99: float
    encoding: float


def in_new_process(function: Callable[..., Result], *arguments: Any) -> Result:
    """Run a function where nothing has run before.

    Args:
        function: of this module.
        arguments: of the function.

    Returns:
        What it returns.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def measure_bulk(ranker: Path, log: Path, precision: str) -> Bulk:
    """Score a file.

    Args:
        ranker: folder of the ranker.
        log: file of raw rows.
        precision: of the logits.

    Returns:
        Speed and memory.
    """
    loaded = Ranker.load(ranker)
    loaded.precision = precision
    # The first call finds out which library multiplies fastest here.
    loaded.predict(draw_rows(10_000, seed=1))
    start_mib, start = _peak_mib(), time.perf_counter()
    num_rows = sum(map(len, loaded.score_chunks(log)))
    seconds = time.perf_counter() - start
    return Bulk(num_rows / seconds, _peak_mib(), start_mib)


def measure_latency(ranker: Path, num_calls: int, num_threads: int) -> Latency:
    """Predict one row after the other, each another one.

    Args:
        ranker: folder of the ranker.
        num_calls: how many rows.
        num_threads: of torch.

    Returns:
        Milliseconds.
    """
    torch.set_num_threads(num_threads)
    loaded = Ranker.load(ranker)
    rows = draw_rows(NUM_WARM + num_calls, seed=2).drop("request").to_dicts()
    first = _milliseconds(loaded.predict, rows[0])
    for row in rows[:NUM_WARM]:
        loaded.predict(row)
    calls = [_milliseconds(loaded.predict, row) for row in rows[NUM_WARM:]]
    scorer = loaded._plain_scorer
    if scorer is None:
        message = "a row of the log must need no frame, got one that does."
        raise RuntimeError(message)
    encoding = [_milliseconds(scorer.encode, [row]) for row in rows[NUM_WARM:]]
    median, p99 = np.percentile(calls, [50, 99]).tolist()
    return Latency(first, median, p99, float(np.median(encoding)))


def _milliseconds(call: Callable[[Any], object], argument: object) -> float:
    start = time.perf_counter()
    call(argument)
    return 1e3 * (time.perf_counter() - start)


def _peak_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
