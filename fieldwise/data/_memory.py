"""How much memory this process may use."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

__all__ = ["memory_limit"]

LIMIT_FILES = {"": "memory.max", "memory": "memory.limit_in_bytes"}
"""Where control groups of version 2 and 1 keep the limit, by name of controller."""


def memory_limit(root: Path = Path("/")) -> int | None:
    """Find the least of all limits: the machine's, the control group's, the process's.

    Examples:
        >>> limit = memory_limit()
        >>> limit is None or limit > 0
        True

    Args:
        root: of the file system; another one is for tests.

    Returns:
        Bytes, or None where the system tells nothing.
    """
    limits = [*_machine(), *_control_groups(root), *_process()]
    return min(limits, default=None)


def _machine() -> Iterator[int]:
    try:
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return


def _process() -> Iterator[int]:
    try:
        # Windows has no such module.
        import resource
    except ImportError:
        return
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            yield soft


def _control_groups(root: Path) -> Iterator[int]:
    """The limits of the groups this process is in, and of those around them."""
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        for controller in controllers.split(","):
            if controller not in LIMIT_FILES:
                continue
            path = PurePosixPath(group.lstrip("/"))
            for part in (path, *path.parents):
                folder = root / "sys/fs/cgroup" / controller / part
                yield from _read_limit(folder / LIMIT_FILES[controller])


def _read_limit(path: Path) -> Iterator[int]:
    try:
        # Without a limit it says "max", or a number above all memory there is.
        yield int(path.read_text("utf-8"))
    except (OSError, ValueError):
        return
