"""``python -m benchmarks.fuzz``: damaged folders are refused, or loaded rightly."""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.fuzz.loading import FAILURES
from benchmarks.fuzz.preparing import KINDS, prepare
from benchmarks.fuzz.running import run_all
from benchmarks.fuzz.table import table

SHOWN_SECONDS = 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folders", type=int, default=10_000, help="damaged rankers")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one folder by its name, as failures print it")
    parser.add_argument("--out", type=Path, help="gets every result, as JSON lines")
    options = parser.parse_args()
    others = options.folders // 20
    counts = dict(zip(KINDS, (options.folders, others, others), strict=True))
    start = options.first
    jobs = [(kind, start + place) for kind in KINDS for place in range(counts[kind])]
    if options.only:
        seed, kind, number = options.only.split("-")
        options.seed, jobs = int(seed), [(kind, int(number))]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fieldwise-fuzz-") as home:
        prepare(Path(home))
        results = _collect(Path(home), jobs, options)
    print(table(results, seconds=time.monotonic() - started))
    return int(any(result["outcome"] in FAILURES for result in results))


def _collect(
    home: Path, jobs: list[tuple[str, int]], options: argparse.Namespace
) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    shown = time.monotonic()
    for result in run_all(home, jobs, seed=options.seed, num_workers=options.workers):
        results.append(result)
        if options.out:
            with options.out.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(result)}\n")
        if result["outcome"] in FAILURES or options.only:
            print(json.dumps(result), flush=True)
        if time.monotonic() - shown > SHOWN_SECONDS:
            shown = time.monotonic()
            counts = dict(Counter(each["outcome"] for each in results))
            print(
                f"{len(results)} of {len(jobs)}: {counts}", file=sys.stderr, flush=True
            )
    return results


if __name__ == "__main__":
    sys.exit(main())
