"""Rank the same table twice: ``python -m benchmarks.outrank --peer PYTHON``."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from scipy.stats import kendalltau

from benchmarks.outrank.commands import (
    BLOCK_ROWS,
    SETUP,
    own_command,
    peer_command,
)
from benchmarks.outrank.measured import MIB, Taken, run
from benchmarks.outrank.repeatable import print_repeatable
from benchmarks.outrank.scores import Scores, in_common, own_scores, peer_scores
from benchmarks.outrank.tables import TABLES, write_table

BOUND = 5.0
"""How many times faster the own ranking shall be."""

LEAST_TAU = 0.95
NUM_SHOWN = 8
SCORES = ("published", "corrected")
"""The score of the package, and the one this package ranks by."""


def main() -> None:
    """Write a table, rank its fields with both, and compare seconds and order."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name).resolve()
        path = write_table(
            *(options.table, options.rows, folder / "table"),
            peer=options.peer,
            data=options.data if options.table == "resampled" else None,
        )
        print(f"{options.rows:,} rows, {path.stat().st_size // MIB:,} MiB as CSV\n")
        print(
            "| ranking | seconds | CPU seconds | RssAnon, MiB | other load |\n"
            "|---|---:|---:|---:|---:|"
        )
        threads = {"POLARS_MAX_THREADS": str(options.threads), "OMP_NUM_THREADS": "1"}
        own: dict[str, list[Taken]] = {score: [] for score in SCORES}
        for _ in range(options.repeats):
            for score, taken in own.items():
                command = own_command(path, folder / score, score)
                taken.append(run(command, folder=folder, variables=threads))
                _print(f"fieldwise, {score}", taken[-1])
        command = peer_command(options.peer, path, folder / "peer", options.threads)
        peer = run(command, folder=folder, variables=threads)
        _print("outrank", peer)
        theirs = peer_scores(folder / "peer")
        for score in SCORES:
            _compare(score, own[score], peer, own_scores(folder / score), theirs)
        if options.halves:
            print_repeatable(path, folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=f"To install the package of the authors:\n\n{SETUP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--peer", help="Python that has the package outrank installed")
    parser.add_argument("--table", choices=TABLES, default="generated")
    parser.add_argument(
        "--data", type=Path, help="Parquet file that --table resampled draws from"
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="of the own rankings")
    parser.add_argument(
        "--halves", action="store_true", help="also rank each half, by every score"
    )
    parser.add_argument("--folder", type=Path, help="where the table and results go")
    options = parser.parse_args()
    if options.peer is None or not _has_package(options.peer):
        sys.exit(f"--peer must be a Python that imports outrank:\n\n{SETUP}")
    # Not resolved: the link in a virtual environment is what tells it from others.
    options.peer = str(Path(options.peer).absolute())
    if options.table == "resampled" and options.data is None:
        sys.exit("--table resampled needs --data FILE.parquet to draw rows from.")
    return options


def _has_package(python: str) -> bool:
    check = (
        "import outrank.task_ranking, xxhash; xxhash.xxh32('text'); "
        "xxhash.xxh32().update(b'')"
    )
    try:
        return not subprocess.run([python, "-c", check], check=False).returncode
    except OSError:
        return False


def _print(name: str, taken: Taken) -> None:
    print(
        f"| {name} | {taken.seconds:.1f} | {taken.cpu_seconds:.1f} "
        f"| {taken.memory // MIB:,} | {taken.others:.1f} |",
        flush=True,
    )


def _compare(
    score: str, own: list[Taken], peer: Taken, ours: Scores, theirs: Scores
) -> None:
    """Print ratios and how alike the orders are."""
    ratios = sorted(peer.seconds / taken.seconds for taken in own)
    cpu = peer.cpu_seconds / median(taken.cpu_seconds for taken in own)
    first, second = in_common(ours, theirs)
    tau = float(kendalltau(first, second).statistic)
    most = float(np.abs(first - second).max())
    print(
        f"\n{score}: {median(ratios):.1f} times faster, {ratios[0]:.1f} to "
        f"{ratios[-1]:.1f} (bound {BOUND:g}: {_met(median(ratios) >= BOUND)}), "
        f"{cpu:.1f} times fewer CPU seconds"
    )
    print(
        f"Kendall tau {tau:.3f} (bound {LEAST_TAU:g}: {_met(tau >= LEAST_TAU)}), "
        f"largest difference {most:.1g} nats, {len(first)} fields, blocks of "
        f"{BLOCK_ROWS:,} rows, every row"
    )
    for name, found in (("ours", ours), ("theirs", theirs)):
        order = sorted(found, key=found.__getitem__, reverse=True)
        print(f"{name}: {', '.join(order[:NUM_SHOWN])}")


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


if __name__ == "__main__":
    main()
