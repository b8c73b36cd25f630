"""Saves a ranker again at every line it reads, each time another version.

A process of its own: what saving takes must not look like what serving takes.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import final

import torch

from fieldwise.ranker import Ranker

__all__ = ["Saver", "saver"]


@final
class Saver:
    """The other end of the process.

    Args:
        process: that saves.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def save(self) -> None:
        """Write the next version, and wait until it is there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self._process.stdout.readline()


@contextmanager
def saver(folder: Path) -> Iterator[Saver]:
    """Start the process and end it afterwards.

    Args:
        folder: of the ranker.

    Yields:
        What lets it save.
    """
    command = [sys.executable, "-m", "benchmarks.serving.saver", str(folder)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        yield Saver(process)
        assert process.stdin is not None
        process.stdin.close()


def _main(folder: Path) -> None:
    ranker = Ranker.load(folder)
    weight = next(ranker.model.parameters())
    for _ in sys.stdin:
        with torch.no_grad():
            weight[0] += 1e-6
        ranker.save(folder, overwrite=True)
        print("saved", flush=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
