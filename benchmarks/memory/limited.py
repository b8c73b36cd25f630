"""A command that may take so much memory and no more, and what it took.

The limit is ``RLIMIT_DATA``: private memory that can be written to, which is what
cannot be given back under pressure. Pages of mapped files, such as the encoded rows,
are not part of it: the kernel drops and reads them again at will. ``RLIMIT_AS`` would
count these, and every shared library, and address space that was only reserved;
``RLIMIT_RSS`` has had no effect since Linux 2.4.
"""

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

__all__ = ["Outcome", "environment", "run_limited"]

MIB = 2**20
SAMPLE_SECONDS = 0.02


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command took.

    Args:
        seconds: from its start to its end.
        resident: most private memory in use (``RssAnon``), in bytes.
        allocated: most memory that counts for the limit (``VmData``), in bytes.
        status: exit code.
        output: what it printed.
    """

    seconds: float
    resident: int
    allocated: int
    status: int
    output: str


def environment(limit: int) -> dict[str, str]:
    """Settings that make libraries stay within a limit they cannot see.

    Args:
        limit: bytes.

    Returns:
        Environment variables.
    """
    return {
        # Polars spills sorts and counts of distinct values beyond this.
        "POLARS_OOC_MEMORY_BUDGET_MB": str(limit // (4 * MIB)),
        # Polars starts a hundred threads to spill; their stacks count, used or not.
        "RUST_MIN_STACK": str(MIB),
        # Freed memory is unmapped at once; kept, it would count for the limit.
        "_RJEM_MALLOC_CONF": "retain:false,dirty_decay_ms:0,muzzy_decay_ms:0",
        "MALLOC_ARENA_MAX": "2",
        # OpenBLAS reserves memory for every thread it might start, two times over:
        # NumPy and SciPy bring one each.
        "OPENBLAS_NUM_THREADS": "1",
        # The allocator that Arrow prefers reserves a gibibyte before it needs any.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def run_limited(
    command: Sequence[str], *, limit: int, variables: Mapping[str, str]
) -> Outcome:
    """Run a command under a limit.

    Args:
        command: program and arguments.
        limit: bytes of private memory; 0 for none.
        variables: added to the environment.

    Returns:
        What it took.
    """

    def restrict() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        process = subprocess.Popen(
            command,
            preexec_fn=restrict,  # noqa: PLW1509  this process has no other threads
            env=os.environ | dict(variables),
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        resident, allocated = _watch(process)
        seconds = time.perf_counter() - started
        printed.seek(0)
        output = printed.read()
    return Outcome(seconds, resident, allocated, process.returncode, output)


def _watch(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """The most memory a process was seen to have, until its end."""
    status = Path(f"/proc/{process.pid}/status")
    resident = allocated = 0
    while process.poll() is None:
        values = _memory(status)
        resident = max(resident, values.get("RssAnon", 0))
        allocated = max(allocated, values.get("VmData", 0))
        time.sleep(SAMPLE_SECONDS)
    return resident, allocated


def _memory(status: Path) -> dict[str, int]:
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return {}  # it has just ended
    pairs = (line.split(":", 1) for line in lines if line.endswith(" kB"))
    return {name: int(value.split()[0]) * 1024 for name, value in pairs}
