"""Measure a server over HTTP; print Markdown.

Run with ``python -m benchmarks.serving``; ``--help`` lists the settings.
"""

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

from benchmarks.serving.load import Load, closed_loop, open_loop
from benchmarks.serving.rankers import RANKERS, make, predict_bodies, rank_bodies
from benchmarks.serving.saver import Saver, saver
from benchmarks.serving.server import Running, running
from fieldwise.ranker import Ranker

HOST = "127.0.0.1"
NUM_CANDIDATES = 500
CLIENTS = 8
WARM_SECONDS = 3.0
WATCH_SECONDS, SWAP_SECONDS = 2.0, 5.0
PREDICT, RANK = "/v1/predict", "/v1/rank"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure latencies at a steady rate, throughput, and if asked for a soak.

    Args:
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving")
    parser.add_argument("--rankers", nargs="+", default=RANKERS, choices=RANKERS)
    parser.add_argument("--seconds", type=float, default=30, help="of each measurement")
    parser.add_argument("--rate", type=float, default=100, help="requests of one row/s")
    parser.add_argument(
        "--rank-rate", type=float, default=10, help="requests to rank/s"
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--soak", type=float, default=0, help="seconds of mixed load")
    parser.add_argument("--swaps", type=int, default=0, help="new versions under load")
    options = parser.parse_args(arguments)
    print("| ranker | asked | requests | errors | p50 ms | p90 ms | p99 ms | max ms |")
    print("|---|---|---|---|---|---|---|---|")
    notes = []
    with tempfile.TemporaryDirectory() as name:
        for ranker in options.rankers:
            folder = Path(name) / ranker
            make(ranker, folder)
            loaded = Ranker.load(folder)
            ones = predict_bodies(ranker, loaded)
            many = rank_bodies(ranker, loaded, NUM_CANDIDATES)
            del loaded
            served = ["--workers", str(options.workers)]
            served += ["--threads", str(options.threads)]
            served += ["--watch", f"{WATCH_SECONDS:g}"]
            with running(folder, *served) as server:
                _steady(server, PREDICT, ones, options.rate, WARM_SECONDS)
                _steady(server, RANK, many, options.rank_rate, WARM_SECONDS)
                one = _steady(server, PREDICT, ones, options.rate, options.seconds)
                _print(ranker, f"one row, {options.rate:g}/s", one)
                rank = _steady(server, RANK, many, options.rank_rate, options.seconds)
                told = f"{NUM_CANDIDATES} candidates, {options.rank_rate:g}/s"
                _print(ranker, told, rank)
                notes += _most(server, ranker, ones, many, options.seconds)
                if options.soak:
                    notes += _soak(server, ranker, ones, many, options)
                if options.swaps:
                    notes += _swaps(server, folder, ones, options)
    print("\n" + "\n".join(notes))


def _steady(
    server: Running, path: str, bodies: Sequence[bytes], rate: float, seconds: float
) -> Load:
    asking = open_loop(HOST, server.port, path, bodies, rate=rate, seconds=seconds)
    return asyncio.run(asking)


def _most(
    server: Running,
    ranker: str,
    ones: Sequence[bytes],
    many: Sequence[bytes],
    seconds: float,
) -> list[str]:
    notes = []
    for path, bodies in ((PREDICT, ones), (RANK, many)):
        asking = closed_loop(
            HOST, server.port, path, bodies, clients=CLIENTS, seconds=seconds / 2
        )
        load = asyncio.run(asking)
        answers = len(load.milliseconds)
        notes.append(
            f"- {ranker}, {path}, {CLIENTS} clients that wait for each answer: "
            f"{answers / load.seconds:,.0f} requests/s, {_errors(load)}"
        )
    return notes


def _soak(
    server: Running,
    ranker: str,
    ones: Sequence[bytes],
    many: Sequence[bytes],
    options: argparse.Namespace,
) -> list[str]:
    """Both kinds of requests at a time, and memory before and after."""

    async def both() -> tuple[Load, Load]:
        place = (HOST, server.port)
        found = await asyncio.gather(
            open_loop(*place, PREDICT, ones, rate=options.rate, seconds=options.soak),
            open_loop(
                *place, RANK, many, rate=options.rank_rate / 5, seconds=options.soak
            ),
        )
        return found[0], found[1]

    start = server.memory_mib()
    started = time.perf_counter()
    predict, rank = asyncio.run(both())
    seconds, end = time.perf_counter() - started, server.memory_mib()
    return [
        f"- {ranker}, soak of {seconds:,.0f} s: {len(predict.milliseconds):,} rows, "
        f"{len(rank.milliseconds):,} rankings, p99 {predict.percentile(99):.2f} and "
        f"{rank.percentile(99):.2f} ms, {_errors(predict)} and {_errors(rank)}, memory "
        f"{start:,.0f} MiB before, {end:,.0f} MiB after"
    ]


def _swaps(
    server: Running, folder: Path, ones: Sequence[bytes], options: argparse.Namespace
) -> list[str]:
    """Single rows while new versions are saved and taken."""

    async def both(other: Saver) -> Load:
        seconds = SWAP_SECONDS * (options.swaps + 1)
        place = (HOST, server.port, PREDICT, ones)
        asking = asyncio.create_task(
            open_loop(*place, rate=options.rate, seconds=seconds)
        )
        for _ in range(options.swaps):
            await asyncio.sleep(SWAP_SECONDS)
            await asyncio.to_thread(other.save)
        return await asking

    with saver(folder) as other:
        load = asyncio.run(both(other))
    with urlopen(f"http://{HOST}:{server.port}/metrics") as answer:
        taken = re.findall(
            r'swaps_total{outcome="taken".*} (\d+)', answer.read().decode()
        )
    return [
        f"- {folder.name}, {taken[0]} new versions in {load.seconds:.0f} s: "
        f"{len(load.milliseconds):,} rows, p50 {load.percentile(50):.2f}, p99 "
        f"{load.percentile(99):.2f}, at most {load.percentile(100):.0f} ms, "
        f"{_errors(load)}"
    ]


def _print(ranker: str, asked: str, load: Load) -> None:
    shown = [load.percentile(share) for share in (50, 90, 99, 100)]
    cells = [ranker, asked, str(len(load.milliseconds)), _errors(load)]
    cells += [f"{milliseconds:.2f}" for milliseconds in shown]
    print(f"| {' | '.join(cells)} |", flush=True)


def _errors(load: Load) -> str:
    told = [f"{count} of {status}" for status, count in load.errors.items()]
    return ", ".join(told) or "no error"


if __name__ == "__main__":
    main()
