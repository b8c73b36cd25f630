"""Print the Frappe table: ``python -m benchmarks.quality --seeds 3``."""

import argparse
import platform
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.quality.frappe import PUBLISHED, schema_of, with_seed
from benchmarks.quality.study import run
from benchmarks.quality.tables import FOLDER, TABLES
from fieldwise.data.encoded_parts import encode_parts
from fieldwise.data.parts import divide


def main() -> None:
    """Fit every published configuration with several seeds; print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--models", default=",".join(PUBLISHED))
    options = parser.parse_args()
    if not (FOLDER / "frappe.parquet").exists():
        print(f"skipped: {FOLDER} has no frappe.parquet; set FIELDWISE_DATA.")
        return
    table = TABLES["frappe"]()
    schema = schema_of(table.frame.columns)
    parts = divide(table.frame.lazy(), table.split)
    print(f"Frappe, commit {_commit()}, {options.seeds} seeds, {_hardware()}\n")
    print(
        "| model | test AUC | published | test log loss | published "
        "| parameters | seconds a fit |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        prepared = encode_parts(parts, schema, Path(folder))
        encoder, encoded = prepared.encoder, prepared.datasets
        for name in options.models.split(","):
            published = PUBLISHED[name]
            results = [
                run(
                    encoder,
                    encoded,
                    published.model,
                    published.arguments,
                    with_seed(published, seed),
                )
                for seed in range(options.seeds)
            ]
            print(_row(name, results), flush=True)


def _row(name: str, results: list[dict[str, Any]]) -> str:
    published = PUBLISHED[name]
    aucs = np.array([result["auc"] for result in results])
    losses = np.array([result["log_loss_identity"] for result in results])
    seconds = np.mean([result["seconds"] for result in results])
    return (
        f"| {name} | {aucs.mean():.4f} ± {_spread(aucs):.4f} | {published.auc:.4f} "
        f"| {losses.mean():.4f} ± {_spread(losses):.4f} | {published.log_loss:.4f} "
        f"| {results[0]['parameters']:,} | {seconds:.0f} |"
    )


def _spread(values: np.ndarray[Any, Any]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _hardware() -> str:
    threads = torch.get_num_threads()
    return f"{threads} threads, torch {torch.__version__}, {platform.machine()}"


if __name__ == "__main__":
    main()
