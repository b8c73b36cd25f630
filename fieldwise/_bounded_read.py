"""Files that may come from a stranger are read only if they are files, and not huge."""

import hashlib
import stat
from pathlib import Path
from typing import BinaryIO

from fieldwise.errors import DataError

__all__ = ["MAX_TEXT_BYTES", "read_bounded"]

MAX_TEXT_BYTES = 2**28
"""Most bytes of a JSON file: parsed, it takes up to twenty times as many."""
BLOCK_BYTES = 2**20


def read_bounded(
    path: Path, *, max_bytes: int = MAX_TEXT_BYTES, sha256: str | None = None
) -> bytes:
    """Read a regular file of bounded size; links are followed.

    A pipe would be waited for, a device has no end, and a file with holes says that it
    is larger than any memory.

    Args:
        path: the file.
        max_bytes: a larger one is not read.
        sha256: checksum in hexadecimal that it must have, where it is known; another
            file does not get into memory.

    Returns:
        Its content.

    Raises:
        DataError: if it is no regular file, too large, or of another checksum.
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
        if sha256 is not None and _checksum(file, found.st_size) != sha256:
            message = "it must have the checksum that was noted when it was written."
            raise DataError(message)
        file.seek(0)
        return file.read(found.st_size)


def _checksum(file: BinaryIO, size: int) -> str:
    digest = hashlib.sha256()
    while size > 0 and (part := file.read(min(size, BLOCK_BYTES))):
        digest.update(part)
        size -= len(part)
    return digest.hexdigest()
