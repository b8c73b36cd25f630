"""A server in processes of its own, and the memory they take."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import final

__all__ = ["Running", "running"]


@final
@dataclass(frozen=True)
class Running:
    """A server that is ready.

    Args:
        port: it listens at.
        process: the first of its processes.
    """

    port: int
    process: "subprocess.Popen[bytes]"

    def memory_mib(self) -> float:
        """Resident memory of the process and its children, in MiB."""
        found = [self.process.pid]
        for number in found:
            tasks = Path(f"/proc/{number}/task/{number}/children")
            found += map(int, tasks.read_text("utf-8").split())
        total = 0
        for number in found:
            for line in Path(f"/proc/{number}/status").read_text("utf-8").splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total / 2**10


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Running]:
    """Start a server and stop it afterwards.

    Args:
        folder: of the ranker.
        *options: of ``fieldwise serve``.

    Yields:
        The server.
    """
    command = [sys.executable, "-m", "fieldwise", "serve", str(folder), "--port", "0"]
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [*command, "--drain", "0", *options],
            stdout=log,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Running(_wait_until_ready(Path(log.name), process), process)
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(log: Path, process: "subprocess.Popen[bytes]") -> int:
    """The port it listens at."""
    while process.poll() is None:
        for line in log.read_text("utf-8").splitlines():
            told = json.loads(line)
            if told["message"] == "ready":
                return int(told["port"])
        time.sleep(0.2)
    message = f"the server ended: {log.read_text('utf-8')[-500:]}"
    raise RuntimeError(message)
