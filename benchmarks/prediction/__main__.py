"""Measure prediction from raw rows; print Markdown.

Run with ``python -m benchmarks.prediction``; ``--help`` lists the settings.
"""

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.prediction.log import make_ranker, write_log
from benchmarks.prediction.measuring import (
    in_new_process,
    measure_bulk,
    measure_latency,
)
from fieldwise.nn.precision import bf16_pays

MODELS = ("deepfm", "dcnv2")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure files of two lengths in each precision, and single rows.

    Args:
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prediction")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--rows", type=int, default=2**20, help="of the shorter file")
    parser.add_argument("--times", type=int, default=4, help="the longer one's length")
    parser.add_argument("--calls", type=int, default=2000, help="single rows")
    options = parser.parse_args(arguments)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = {
            count: folder / f"{count}.parquet"
            for count in (options.rows, options.rows * options.times)
        }
        for num_rows, log in logs.items():
            write_log(log, num_rows)
        rankers = {model: folder / model for model in options.models}
        for model, ranker in rankers.items():
            make_ranker(model, ranker)
        _print_bulk(rankers, logs)
        _print_latency(rankers, options.calls)


def _print_bulk(rankers: dict[str, Path], logs: dict[int, Path]) -> None:
    precisions = ("float32", "bf16") if bf16_pays("cpu") else ("float32",)
    print("| model | precision | rows | rows/s | peak MiB | before MiB |")
    print("|---|---|---|---|---|---|")
    for model, ranker in rankers.items():
        for precision in precisions:
            for num_rows, log in logs.items():
                found = in_new_process(measure_bulk, ranker, log, precision)
                print(
                    f"| {model} | {precision} | {num_rows:,} "
                    f"| {found.rows_per_second:,.0f} | {found.peak_mib:,.0f} "
                    f"| {found.start_mib:,.0f} |",
                    flush=True,
                )


def _print_latency(rankers: dict[str, Path], num_calls: int) -> None:
    print("\n| model | threads | p50 ms | p99 ms | of which encoding | first call |")
    print("|---|---|---|---|---|---|")
    for model, ranker in rankers.items():
        for threads in sorted({1, os.cpu_count() or 1}):
            found = in_new_process(measure_latency, ranker, num_calls, threads)
            print(
                f"| {model} | {threads} | {found.median:.3f} | {found.p99:.3f} "
                f"| {found.encoding:.3f} | {found.first:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
