"""A command, with the seconds and the memory it and its children take."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MIB", "Taken", "run"]

MIB = 2**20
SAMPLE_SECONDS = 0.1


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Args:
        seconds: by the clock.
        cpu_seconds: of all processors.
        memory: most private memory of the command and its children together, in bytes
            (``RssAnon``; pages that two processes share since a fork count for both).
        others: processors that everything else on the machine kept busy meanwhile.
    """

    seconds: float
    cpu_seconds: float
    memory: int
    others: float


def run(command: Sequence[str], *, folder: Path, variables: Mapping[str, str]) -> Taken:
    """Run a command in a folder; raise with what it printed if it fails."""
    busy, started = _busy_seconds(), time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(Path.cwd())} | dict(variables),
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        memory = 0
        while True:
            memory = max(memory, _memory_of(process.pid))
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(SAMPLE_SECONDS)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        if process.returncode:
            printed.seek(0)
            end = "\n".join(printed.read().splitlines()[-30:])
            message = f"{' '.join(command)} ended with {process.returncode}:\n{end}"
            raise RuntimeError(message)
    cpu = used.ru_utime + used.ru_stime
    others = max(0.0, _busy_seconds() - busy - cpu) / seconds
    return Taken(seconds, cpu, memory, others)


def _memory_of(root: int) -> int:
    """Private memory of a process and of all that descend from it."""
    parents, memory = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text().splitlines()
        except OSError:
            continue  # it has just ended
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        pid = int(folder.name)
        parents[pid] = int(told["PPid"])
        memory[pid] = 1024 * int(told.get("RssAnon", "0").split()[0])
    family, size = {root}, 0
    while len(family) > size:
        size = len(family)
        family |= {pid for pid, parent in parents.items() if parent in family}
    return sum(memory.get(pid, 0) for pid in family)


def _busy_seconds() -> float:
    """Seconds that all processors have worked, nice ones included."""
    first = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, soft = map(int, first[:7])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")
