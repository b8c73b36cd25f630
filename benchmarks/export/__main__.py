"""Export every system fitted to real tables, and compare; print Markdown.

Run with ``python -m benchmarks.export``; ``--help`` lists the settings.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import onnxruntime
import torch

from benchmarks.export.measuring import export_all, fit_small, latency
from benchmarks.export.million import print_million
from benchmarks.export.rounding import print_rounding
from benchmarks.export.rows import criteo, frappe
from fieldwise.models import MODELS

TABLES = {"frappe": frappe, "criteo": criteo}
DATA = Path(__file__).parents[3] / "shared" / "data"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line per table and system, then what rounding and size cost.

    Args:
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the tables")
    parser.add_argument("--tables", nargs="*", default=list(TABLES))
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--train", type=int, default=8000, help="rows to fit on")
    parser.add_argument("--rows", type=int, default=10_000, help="rows to compare on")
    parser.add_argument("--rounding", action="store_true", help="what rounding costs")
    parser.add_argument("--million", action="store_true", help="large vocabularies")
    options = parser.parse_args(arguments)
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    print(f"torch {torch.__version__}, onnxruntime {onnxruntime.__version__}, ", end="")
    print(f"OMP_NUM_THREADS={threads}")
    for name in options.tables:
        _print_table(name, options)
    if options.rounding:
        print_rounding(options.data)
    if options.million:
        print_million()


def _print_table(name: str, options: argparse.Namespace) -> None:
    table = TABLES[name](options.data, num_train=options.train, num_test=options.rows)
    print(f"\n{name}, {len(table.test):,} rows\n")
    print(
        "| system | ONNX: max difference | logit | .pt2 | MB | load s | 1 row ms |",
        end="",
    )
    print(" 1000 rows ms |\n|---|---|---|---|---|---|---|---|")
    for model in options.models:
        ranker = fit_small(table, model)
        with tempfile.TemporaryDirectory() as folder:
            onnx, torch_file = export_all(ranker, table.test, Path(folder))
            times = latency(ranker, table.test, Path(folder) / "model.onnx")
        found = onnx.verification
        logit = found.max_logit_difference
        print(
            f"| {model} | {found.max_difference:.1e} | {logit:.1e} "
            f"| {torch_file.verification.max_difference:.1e} "
            f"| {onnx.num_bytes / 1e6:.2f} | {onnx.load_seconds:.2f} "
            f"| {times.one_row:.2f} | {times.thousand_rows:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
