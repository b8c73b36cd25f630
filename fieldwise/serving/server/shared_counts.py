"""Counts that several processes keep for each other to read.

Each process has an array of its own in a file that is mapped into memory; nobody else
writes to it, and it stays when the process dies. With one process there is no file.
"""

import os
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from fieldwise.serving.server.metrics import SHARED

__all__ = ["new_counts", "total_counts"]

Counts: TypeAlias = NDArray[np.float64]


def new_counts(name: str, version: str, size: int) -> Counts:
    """Make an array of zeros for this process.

    Args:
        name: of the ranker.
        version: of the ranker.
        size: of the array.

    Returns:
        The array.
    """
    folder = os.environ.get(SHARED)
    if folder is None:
        return np.zeros(size)
    file = Path(folder) / f"{_stem(name, version)}-{os.getpid()}.counts"
    return np.memmap(file, dtype=np.float64, mode="w+", shape=(size,))


def total_counts(name: str, version: str, own: Counts) -> Counts:
    """Add up what all processes have counted.

    Args:
        name: of the ranker.
        version: of the ranker.
        own: the array of this process.

    Returns:
        The sums, in an array of their own.
    """
    folder = os.environ.get(SHARED)
    if folder is None:
        return own.copy()
    total = np.zeros(len(own))
    for file in Path(folder).glob(f"{_stem(name, version)}-*.counts"):
        counts = np.fromfile(file, dtype=np.float64)
        if len(counts) == len(total):
            total += counts
    return total


def _stem(name: str, version: str) -> str:
    return f"traffic-{name}-{version}"
