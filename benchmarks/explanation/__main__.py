"""Do explanations name first what a model needs? ``python -m benchmarks.explanation``.

Fits a ranker to the training rows of a real table, explains test rows, and takes their
fields away, or brings them back, in the order of each explanation and in random orders.
Prints means and standard deviations over the seeds, and in how many of all random
orders the explanation was better.
"""

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

import fieldwise as fw
from benchmarks.explanation.areas import Areas, measure_areas, random_areas
from benchmarks.explanation.explainers import EXPLAINERS, Explained
from benchmarks.quality.tables import TABLES, Table
from fieldwise.data.splits import ColumnSplit
from fieldwise.explanation import labelled_rows, prepare_background
from fieldwise.ranker import Ranker

ARGUMENTS: dict[str, dict[str, Any]] = {
    "deepfm": {"embedding_dim": 10, "hidden_dims": (128, 128)},
    "autoint": {"embedding_dim": 10},
    "armnet": {"embedding_dim": 10},
}
"""Small, so that three seeds of two tables take some minutes."""

Found = dict[str, list[Areas]]


def main() -> None:
    """Print one table for each real table and model."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanation")
    parser.add_argument("--tables", nargs="+", default=["frappe", "criteo"])
    parser.add_argument("--models", nargs="+", default=["deepfm"], choices=ARGUMENTS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=300, help="explained")
    parser.add_argument("--random", type=int, default=10, help="orders")
    options = parser.parse_args()
    for name in options.tables:
        for model in options.models:
            measured = [
                measure(TABLES[name](), model, options.rows, options.random, seed=seed)
                for seed in range(options.seeds)
            ]
            aucs = [auc for auc, _ in measured]
            print(f"\n{name}, {model}: test AUC {_told(aucs)}\n")
            print(*_lines([found for _, found in measured]), sep="\n", flush=True)


def measure(
    table: Table, model: str, num_rows: int, num_orders: int, *, seed: int
) -> tuple[float, Found]:
    """Fit, explain and measure once.

    Args:
        table: rows with a division into parts.
        model: name of the system.
        num_rows: test rows to explain.
        num_orders: random orders.
        seed: of everything.

    Returns:
        The AUC on all test rows, and the areas of each explainer and of ``random``.
    """
    ranker = fw.fit(
        table.frame,
        label=table.label,
        ignore=table.ignore,
        split=table.split,
        model=model,
        model_arguments=ARGUMENTS[model],
        recipe={"seed": seed},
    )
    parts = dict(zip(("train", "valid", "test"), _parts(table), strict=True))
    explained = _explained(ranker, parts, num_rows, seed)
    background, rows = explained.found.background.model, explained.found.rows
    labels = explained.rows.labels[:, 0].astype(np.float64)
    found: Found = {}
    for name, explainer in EXPLAINERS.items():
        try:
            contributions = explainer(explained)
        except ValueError:  # this model has no such thing
            continue
        found[name] = [measure_areas(background, rows, labels, contributions)]
    found["random"] = random_areas(
        background, rows, labels, num_orders=num_orders, seed=seed
    )
    return ranker.metrics["test"]["auc"], found


def _parts(table: Table) -> Iterator[pl.DataFrame]:
    if not isinstance(table.split, ColumnSplit):
        message = "tables must be divided by a column, got another split."
        raise TypeError(message)
    column = table.split.column
    for part in ("train", "valid", "test"):
        yield table.frame.filter(pl.col(column) == part)


def _explained(
    ranker: Ranker, parts: dict[str, pl.DataFrame], num_rows: int, seed: int
) -> Explained:
    background = prepare_background(ranker, parts["train"], seed=seed)
    chosen = parts["test"].sample(num_rows, seed=seed)
    held_out = parts["valid"].sample(min(10_000, len(parts["valid"])), seed=seed)
    return Explained(
        found=fw.explain(ranker, chosen, background=background),
        rows=labelled_rows(ranker, chosen),
        held_out=labelled_rows(ranker, held_out),
    )


def _lines(measured: list[Found]) -> Iterator[str]:
    yield "| order | insertion | deletion | area | better | log loss | better |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name in measured[0]:
        areas = [area for found in measured for area in found[name]]
        cells = [
            _told([getattr(area, part) for area in areas])
            for part in ("insertion", "deletion", "area", "log_loss")
        ]
        wins = [_wins(measured, name, part) for part in ("area", "log_loss")]
        if name == "random":
            wins = ["", ""]
        row = [name, *cells[:3], wins[0], cells[3], wins[1]]
        yield f"| {' | '.join(row)} |"


def _wins(measured: list[Found], name: str, part: str) -> str:
    pairs = [
        getattr(found[name][0], part) > getattr(other, part)
        for found in measured
        for other in found["random"]
    ]
    return f"{sum(pairs)}/{len(pairs)}"


def _told(numbers: list[float]) -> str:
    spread = np.std(numbers, ddof=1) if len(numbers) > 1 else 0.0
    return f"{np.mean(numbers):.3f} ± {spread:.3f}"


if __name__ == "__main__":
    main()
