"""The processes of a data-parallel run, as ``torchrun`` numbers them.

Its environment variables tell; asking torch would take a process group, and seconds.
"""

import os

__all__ = ["num_processes", "process_rank"]


def num_processes() -> int:
    """Processes that run this fit together; 1 without ``torchrun``."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def process_rank() -> int:
    """Number of this process among them; the first, 0, writes what is kept."""
    return int(os.environ.get("RANK", "0"))
