"""Files that may come from a stranger are read only if they are files, and not huge."""

import stat
from pathlib import Path

from fieldwise.errors import DataError

__all__ = ["MAX_TEXT_BYTES", "read_bounded"]

MAX_TEXT_BYTES = 2**28
"""Most bytes of a JSON file: parsed, it takes up to twenty times as many."""


def read_bounded(path: Path, *, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """Read a regular file of bounded size; links are followed.

    A pipe would be waited for, a device has no end, and a file with holes says that it
    is larger than any memory.

    Args:
        path: the file.
        max_bytes: a larger one is not read.

    Returns:
        Its content.

    Raises:
        DataError: if it is no regular file, or too large.
        OSError: if it cannot be read.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        message = "it must be a regular file, not a folder, a pipe or a device."
        raise DataError(message)
    if found.st_size > max_bytes:
        message = f"it must have at most {max_bytes} bytes, got {found.st_size}."
        raise DataError(message)
    with path.open("rb") as file:
        # No more than it had: files of the system itself can be endless.
        return file.read(found.st_size)
