"""Files that may come from a stranger: their checksums, and errors that name them."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fieldwise._bounded_read import MAX_TEXT_BYTES, read_bounded
from fieldwise.errors import FieldwiseError

__all__ = ["checksums", "naming", "read_checked"]


def checksums(folder: Path) -> dict[str, str]:
    """Checksum every file below a folder.

    Args:
        folder: the folder.

    Returns:
        A sha256 in hexadecimal by the file's path in the folder, in order of paths.
    """
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        found[path.relative_to(folder).as_posix()] = checksum
    return found


def read_checked(
    folder: Path,
    file: str,
    wanted: Mapping[str, str],
    *,
    max_bytes: int = MAX_TEXT_BYTES,
) -> bytes:
    """Read a file that must have the checksum that was noted when it was written.

    Args:
        folder: where it is.
        file: its path in the folder.
        wanted: checksums by path.
        max_bytes: a larger one is not read.

    Returns:
        Its content.

    Raises:
        DataError: if the content is another one, too large, or in no regular file.
    """
    # A file without a checksum, or with null for one, has a wrong one.
    noted = str(wanted.get(file))
    return read_bounded(folder / file, max_bytes=max_bytes, sha256=noted)


@contextmanager
def naming(file: str, error_type: type[FieldwiseError]) -> Iterator[None]:
    """Turn whatever a parser raises into one error that names the file.

    Args:
        file: the file that is being read.
        error_type: the error to raise.

    Yields:
        Nothing.

    Raises:
        FieldwiseError: of ``error_type``.
    """
    try:
        yield
    # Whatever a parser raises on bytes that may come from a stranger, the file is bad.
    except Exception as error:
        is_ours = isinstance(error, FieldwiseError)
        kind = "" if is_ours else f"{type(error).__name__}: "
        message = f"{file} cannot be used: {kind}{str(error).rstrip('.')}."
        raise error_type(message) from error
