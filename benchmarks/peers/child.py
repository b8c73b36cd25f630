"""One task as a whole process: its result, peak memory, and who disturbed it."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.machine import busy_seconds, foreign_cores, tree_megabytes
from benchmarks.peers.task import read_result

__all__ = ["Outcome", "run_child"]

CLOSE_SECONDS, CLOSE_PAUSE, PAUSE = 4.0, 0.1, 0.5
"""Short processes are looked at often; a look at a large one takes its time."""
ERROR_LINES = 8


@dataclass(frozen=True)
class Outcome:
    """What came of a process.

    Args:
        result: what the runner reported; None if it failed.
        error: last lines of its output, if it failed.
        wall_seconds: from start to end, imports included.
        peak_megabytes: highest memory of the process tree.
        foreign_cores: cores that others used meanwhile.
    """

    result: dict[str, Any] | None
    error: str
    wall_seconds: float
    peak_megabytes: float
    foreign_cores: float


def run_child(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    time_limit: float = 900.0,
) -> Outcome:
    """Run a command to its end and watch it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    mine = os.times()
    started, busy = time.monotonic(), busy_seconds()
    with log.open("wb") as output:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(os.environ) | dict(environment or {}),
            start_new_session=True,
        )
        try:
            peak = _watch(child, started + time_limit)
        finally:
            _end(child)
    seconds = time.monotonic() - started
    # A waited-for child's own children are part of what is counted here.
    used = sum(os.times()[:4]) - sum(mine[:4])
    text = log.read_text("utf-8", errors="replace")
    result = read_result(text) if child.returncode == 0 else None
    return Outcome(
        result=result,
        error="" if result is not None else _last_lines(text, child.returncode),
        wall_seconds=seconds,
        peak_megabytes=peak,
        foreign_cores=foreign_cores(busy_seconds() - busy, used, seconds),
    )


def _watch(child: "subprocess.Popen[bytes]", deadline: float) -> float:
    started, peak = time.monotonic(), 0.0
    while child.poll() is None:
        peak = max(peak, tree_megabytes(child.pid))
        now = time.monotonic()
        if now > deadline:
            _end(child)
        time.sleep(CLOSE_PAUSE if now - started < CLOSE_SECONDS else PAUSE)
    return peak


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Nothing a runner started outlives it: its workers would disturb the next one."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _last_lines(text: str, code: int | None) -> str:
    lines = [line for line in text.splitlines() if line.strip()][-ERROR_LINES:]
    return "\n".join([*lines, f"exit code {code}"])
