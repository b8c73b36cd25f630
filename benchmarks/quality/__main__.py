"""Frappe beside the published figures: ``python -m benchmarks.quality --seeds 3``.

Fits every published configuration with several seeds and prints a Markdown table. Each
fit is a line on disk when it ends: the same command again runs what is missing. With
--workers 2 two fits run at a time, on one thread each.
"""

import argparse
import json
import platform
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.quality.frappe import PUBLISHED
from benchmarks.quality.published_fit import fit, one_thread
from benchmarks.quality.tables import FOLDER


def main() -> None:
    """Fit what is missing, and print all there is."""
    options = _options()
    if not (FOLDER / "frappe.parquet").exists():
        print(f"skipped: {FOLDER} has no frappe.parquet; set FIELDWISE_DATA.")
        return
    names = options.models.split(",")
    done = _read(options.results)
    jobs = [
        (name, seed)
        for seed in range(options.seeds)
        for name in names
        if (name, seed) not in done
    ]
    for result in _results(jobs, options.workers):
        with options.results.open("a") as file:
            file.write(json.dumps(result) + "\n")
        print(
            f"{result['model']} seed {result['seed']}: test AUC {result['auc']:.5f}, "
            f"valid {result['valid_auc']:.5f}, {result['seconds']:.0f} s",
            flush=True,
        )
    print()
    for line in _table(names, list(_read(options.results).values())):
        print(line)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--models", default=",".join(PUBLISHED))
    parser.add_argument("--workers", type=int, default=1, help="fits at a time")
    parser.add_argument("--results", type=Path, default=Path("frappe.jsonl"))
    options = parser.parse_args()
    unknown = sorted(set(options.models.split(",")) - set(PUBLISHED))
    if unknown:
        parser.error(f"--models must be among {', '.join(PUBLISHED)}, got {unknown}.")
    return options


def _results(jobs: list[tuple[str, int]], workers: int) -> Iterator[dict[str, Any]]:
    if workers == 1:
        yield from (fit(*job) for job in jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), one_thread) as pool:
        for future in as_completed(pool.submit(fit, *job) for job in jobs):
            yield future.result()


def _read(path: Path) -> dict[tuple[str, int], dict[str, Any]]:
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    results = map(json.loads, lines)
    return {(result["model"], result["seed"]): result for result in results}


def _table(names: list[str], results: list[dict[str, Any]]) -> Iterator[str]:
    grouped = defaultdict(list)
    for result in results:
        grouped[result["model"]].append(result)
    commits = sorted({result["commit"] for result in results})
    threads = sorted({result["threads"] for result in results})
    yield (
        f"Commits {', '.join(commits)}; torch {torch.__version__}, "
        f"{platform.machine()}, {'/'.join(map(str, threads))} threads a fit.\n"
    )
    yield (
        "| model | seeds | test AUC | published | test log loss | published "
        "| parameters | seconds a fit |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for name in names:
        if grouped[name]:
            yield _row(name, grouped[name])


def _row(name: str, results: list[dict[str, Any]]) -> str:
    published = PUBLISHED[name]
    aucs = np.array([result["auc"] for result in results])
    losses = np.array([result["log_loss_identity"] for result in results])
    seconds = np.mean([result["seconds"] for result in results])
    return (
        f"| {name} | {len(results)} | {aucs.mean():.4f} ± {_spread(aucs):.4f} "
        f"| {_known(published.auc)} | {losses.mean():.4f} ± {_spread(losses):.4f} "
        f"| {_known(published.log_loss)} | {results[0]['parameters']:,} "
        f"| {seconds:.0f} |"
    )


def _known(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.4f}"


def _spread(values: np.ndarray[Any, Any]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


if __name__ == "__main__":
    main()
