"""Rank the same table twice: ``python -m benchmarks.outrank --peer PYTHON``."""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.memory.limited import MIB, run_limited
from benchmarks.outrank.commands import BLOCK_ROWS, own_command, peer_command
from benchmarks.outrank.scores import read_scores
from benchmarks.peers.table import generate
from fieldwise.importance import kendall_tau

BOUND = 5.0
"""How many times faster the own ranking shall be."""

LEAST_TAU = 0.95
NUM_SHOWN = 10


def main() -> None:
    """Write a table, rank its fields with both, and compare seconds and order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peer", required=True, help="Python that has the package outrank installed"
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where the table and results go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        # The package reads one file of this name in a folder.
        table = folder / "table" / "data.csv"
        table.parent.mkdir()
        # A gap is a value of its own: an empty cell makes the package fail.
        generate(options.rows).frame.write_csv(table, null_value="-")
        print(f"{options.rows:,} rows, {table.stat().st_size // MIB:,} MiB as CSV\n")
        print(
            "| ranking | seconds | CPU seconds | RssAnon, MiB |\n|---|---:|---:|---:|"
        )
        threads = {"POLARS_MAX_THREADS": str(options.threads)}
        own = _run("fieldwise", own_command(folder, table), threads)
        peer = _run("outrank", peer_command(options, folder, table.parent), {})
        ours, theirs = read_scores(folder)
    ratio, tau = peer.seconds / own.seconds, kendall_tau(ours, theirs)
    print(f"\n{ratio:.1f} times faster (bound {BOUND:g}: {_met(ratio >= BOUND)})")
    print(f"{peer.cpu_seconds / own.cpu_seconds:.1f} times fewer CPU seconds")
    print(f"Kendall tau {tau:.3f} (bound {LEAST_TAU:g}: {_met(tau >= LEAST_TAU)})")
    print(f"blocks of {BLOCK_ROWS:,} rows, every row, {len(ours)} fields; the first:")
    for found in (ours, theirs):
        print(f"{found.method}: {', '.join(found.ranked[:NUM_SHOWN])}")


@dataclass(frozen=True)
class Taken:
    """Seconds by the clock, and of all processors."""

    seconds: float
    cpu_seconds: float


def _run(name: str, command: list[str], variables: dict[str, str]) -> Taken:
    before = getrusage(RUSAGE_CHILDREN)
    outcome = run_limited(command, limit=0, variables=variables)
    if outcome.status:
        sys.exit(f"{name} ended with {outcome.status}:\n{outcome.output}")
    after = getrusage(RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    memory = outcome.resident // MIB
    print(f"| {name} | {outcome.seconds:.1f} | {cpu:.1f} | {memory:,} |", flush=True)
    return Taken(outcome.seconds, cpu)


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


if __name__ == "__main__":
    main()
