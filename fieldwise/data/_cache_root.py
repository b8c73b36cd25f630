"""Where the cache is, and the mark that says a folder is one."""

import os
import sys
import uuid
from pathlib import Path

from fieldwise.errors import DataError

__all__ = ["OWN_NAMES", "default_root", "is_root", "prepare_root"]

OWN_NAMES = ("CACHEDIR.TAG", "checkpoints", "encoded", "locks")
"""What may stand in the root."""

# The form of https://bford.info/cachedir/, which programs for backups know.
_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache of fieldwise: all of it can be made again.
# See what it holds with: fieldwise cache ls
"""


def default_root() -> Path:
    """The folder named by FIELDWISE_CACHE, or the one the platform has for caches."""
    chosen = os.environ.get("FIELDWISE_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        return Path(local) / "fieldwise" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "fieldwise"
    # A relative path there is invalid and must be ignored, says the specification.
    xdg = Path(os.environ.get("XDG_CACHE_HOME") or ".")
    return (xdg if xdg.is_absolute() else Path.home() / ".cache") / "fieldwise"


def is_root(folder: Path) -> bool:
    """Whether a folder is a cache of ours, and no folder of somebody else.

    Args:
        folder: the folder.

    Returns:
        Whether it has the mark.
    """
    tag = folder / OWN_NAMES[0]
    signature = _TAG.encode().partition(b"\n")[0]
    content = tag.read_bytes() if tag.is_file() else b""
    return content.startswith(signature) and b"fieldwise" in content


def prepare_root(folder: Path) -> None:
    """Make the root of a cache, unless it is there.

    Args:
        folder: the root.

    Raises:
        DataError: if the folder holds other things.
    """
    if is_root(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    tag = folder / OWN_NAMES[0]
    # Its own name per call: threads and processes may come at once.
    partial = folder / f".{tag.name}.{uuid.uuid4().hex}"
    names = (path.name for path in folder.iterdir())
    others = sorted(
        name for name in names if name not in OWN_NAMES and tag.name not in name
    )
    if others:
        message = (
            f"the cache must be a folder of its own, got {str(folder)!r}, which holds "
            f"{others[:5]}. Name another one in FIELDWISE_CACHE."
        )
        raise DataError(message)
    partial.write_bytes(_TAG.encode())
    partial.replace(tag)
