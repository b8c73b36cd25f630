"""What the machine is doing, and what a process and its children use of it.

Read from ``/proc``: the memory is the proportional share (PSS) summed over the process
tree, so that pages which forked workers share count once.
"""

import os
import platform
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

__all__ = [
    "busy_seconds",
    "describe_machine",
    "foreign_cores",
    "keep_to_cores",
    "process_tree",
    "tree_megabytes",
    "wait_until_quiet",
]

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
QUIET_CORES = 0.2
"""A machine on which others use less than this is quiet."""


def keep_to_cores(number: int) -> int:
    """Bind this process and its children to some cores; how many it got."""
    allowed = sorted(os.sched_getaffinity(0))[:number]
    os.sched_setaffinity(0, allowed)
    return len(allowed)


def busy_seconds() -> float:
    """Processor time that everybody has used on the cores of this process."""
    names = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    total = 0
    for line in (PROC / "stat").read_text().splitlines():
        name, *ticks = line.split()
        if name in names:
            # user, nice, system, then idle and waiting, then interrupts and stolen.
            values = [int(tick) for tick in ticks[:8]]
            total += sum(values[:3]) + sum(values[5:])
    return total / TICKS


def own_seconds() -> float:
    """Processor time of this process and the children it has waited for."""
    return sum(os.times()[:4])


def foreign_cores(busy: float, own: float, seconds: float) -> float:
    """Cores that other processes used, from differences over a span of time."""
    return max(0.0, (busy - own) / seconds) if seconds > 0 else 0.0


def wait_until_quiet(
    patience: float, *, sleep: Callable[[float], None] = time.sleep
) -> bool:
    """Wait for others to be idle for a second; whether they were in time."""
    deadline = time.monotonic() + patience
    while True:
        started, busy, own = time.monotonic(), busy_seconds(), own_seconds()
        sleep(1.0)
        span = time.monotonic() - started
        others = foreign_cores(busy_seconds() - busy, own_seconds() - own, span)
        if others < QUIET_CORES:
            return True
        if time.monotonic() > deadline:
            return False


def process_tree(root: int) -> list[int]:
    """A process and everything it started that still lives."""
    children = defaultdict(list)
    for folder in PROC.glob("[0-9]*"):
        try:
            # The name is in brackets and may hold anything.
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except (OSError, UnicodeDecodeError):
            continue
        children[int(after_name[1])].append(int(folder.name))
    found = [root]
    for process in found:
        found += children[process]
    return found


def tree_megabytes(root: int) -> float:
    """Memory of a process tree, pages shared within it counted once."""
    return sum(_kilobytes(process) for process in process_tree(root)) / 1024


def _kilobytes(process: int) -> int:
    try:
        text = (PROC / str(process) / "smaps_rollup").read_text()
    except OSError:  # it ended meanwhile
        return 0
    sizes = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(sizes[0]) if sizes else 0


def describe_machine() -> dict[str, str]:
    """Hardware and system, for the head of a report."""
    models = [
        line.partition(":")[2].strip()
        for line in (PROC / "cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{pages / 2**30:.0f} GiB",
        "system": platform.platform(),
        "python": platform.python_version(),
    }
