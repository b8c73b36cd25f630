"""Hands numbers of folders to worker processes and collects what became of them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from benchmarks.memory.limited import environment

__all__ = ["run_all"]

LIMIT = 2**30


def run_all(
    home: Path, jobs: Iterable[tuple[str, int]], *, seed: int, num_workers: int
) -> Iterator[dict[str, Any]]:
    """Damage and load folders.

    Args:
        home: that ``prepare`` has filled.
        jobs: kind and number of each folder.
        seed: of all damage.
        num_workers: processes at work.

    Yields:
        What became of each, in the order they are done.
    """
    waiting: Queue[tuple[str, int]] = Queue()
    for job in jobs:
        waiting.put(job)
    total = waiting.qsize()
    done: Queue[dict[str, Any] | BaseException] = Queue()
    for _ in range(num_workers):
        arguments = (home, seed, waiting, done)
        threading.Thread(target=_work, args=arguments, daemon=True).start()
    for _ in range(total):
        result = done.get()
        if isinstance(result, BaseException):
            raise result
        yield result


def _work(
    home: Path,
    seed: int,
    waiting: "Queue[tuple[str, int]]",
    done: "Queue[dict[str, Any] | BaseException]",
) -> None:
    # Threads would not live through a fork, and stacks of many count as memory.
    quiet = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "2"}
    quiet["PYTHONDONTWRITEBYTECODE"] = "1"
    command = [sys.executable, "-m", "benchmarks.fuzz.worker", str(home), str(seed)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | environment(LIMIT) | quiet,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            while True:
                kind, number = waiting.get_nowait()
                process.stdin.write(f"{kind} {number}\n")
                process.stdin.flush()
                done.put(json.loads(process.stdout.readline()))
        except Empty:
            process.stdin.close()
        except (OSError, ValueError) as error:
            done.put(error)
