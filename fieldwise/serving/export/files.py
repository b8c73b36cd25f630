"""Exported files appear whole, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fieldwise.errors import DataError

__all__ = ["check_free", "companion", "new_file"]


def companion(path: Path) -> Path:
    """Where the tensors of a large model are.

    Args:
        path: of the model.

    Returns:
        The file beside it.
    """
    return path.with_name(f"{path.name}.data")


def check_free(path: Path, *, overwrite: bool) -> None:
    """Raise unless a file may be written.

    Args:
        path: of the file.
        overwrite: whether a file may be replaced.

    Raises:
        DataError: if it exists and must not be replaced, or its folder is missing.
    """
    if path.is_dir() or (path.exists() and not overwrite):
        remedy = "It is a folder" if path.is_dir() else "Let it be overwritten"
        message = f"path must not exist, got {str(path)!r}. {remedy}."
        raise DataError(message)
    if not path.absolute().parent.is_dir():
        message = f"path must be in a folder that exists, got {str(path)!r}."
        raise DataError(message)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Write a file, and perhaps its companion, in a folder of its own, then move them.

    Args:
        path: the file that shall appear; another one of that name is replaced.

    Yields:
        Where to write the file.
    """
    with TemporaryDirectory(prefix=f".{path.name}.", dir=path.absolute().parent) as own:
        partial = Path(own) / path.name
        yield partial
        # The tensors first: a model without them cannot be read.
        if companion(partial).exists():
            companion(partial).replace(companion(path))
        else:
            companion(path).unlink(missing_ok=True)
        partial.replace(path)
