"""Whether a score ranks the two halves of a table alike."""

import time
from pathlib import Path

import polars as pl

from benchmarks.outrank.commands import LABEL
from fieldwise.data.readers import read_table
from fieldwise.importance import kendall_tau
from fieldwise.selection.outrank import HEURISTICS, Plan, rank_table

__all__ = ["print_repeatable"]


def print_repeatable(path: Path, folder: Path) -> None:
    """Rank both halves by every score; print seconds, and how alike the orders are.

    A score that is mostly chance orders the halves differently.
    """
    frame = read_table(path)
    num_rows = int(frame.select(pl.len()).collect().item())
    halves = [folder / "first.parquet", folder / "second.parquet"]
    frame.head(num_rows // 2).sink_parquet(halves[0])
    frame.tail(num_rows // 2).sink_parquet(halves[1])
    print(
        "\n| score | Kendall tau of the two halves | seconds, both |\n|---|---:|---:|"
    )
    for heuristic in HEURISTICS:
        started = time.perf_counter()
        plan = Plan(heuristic=heuristic, numbers="values")
        first, second = (
            rank_table(half, label=LABEL, plan=plan, progress=False).fields
            for half in halves
        )
        seconds = time.perf_counter() - started
        tau = kendall_tau(first, second)
        print(f"| {heuristic} | {tau:.3f} | {seconds:.0f} |", flush=True)
