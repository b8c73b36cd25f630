"""Folders that appear whole, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fieldwise.errors import DataError

__all__ = ["check_new_folder", "new_folder"]


def check_new_folder(folder: Path, *, what: str, marker: str, overwrite: bool) -> None:
    """Raise unless results of a kind may be written to a folder.

    Args:
        folder: where to.
        what: they are, in a word.
        marker: name of a file that every folder of them holds.
        overwrite: whether such a folder may be replaced; another one never is.

    Raises:
        DataError: if the folder exists and must not be replaced.
    """
    if folder.exists() and not (overwrite and (folder / marker).is_file()):
        remedy = f"It holds no {what}" if overwrite else "Let it be overwritten"
        message = f"folder must not exist, got {str(folder)!r}. {remedy}."
        raise DataError(message)


@contextmanager
def new_folder(folder: Path, *, replace: bool = False) -> Iterator[Path]:
    """Fill a folder under another name, then rename it.

    Args:
        folder: the folder that shall appear.
        replace: let the new folder take the place of an old one, which is there
            until the new one is complete, and stays if anything fails.

    Yields:
        The folder to fill.

    Raises:
        OSError: if the folder is there and must not be replaced.
    """
    # Its own name per process: two of them may write the same folder at once.
    partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        if replace and folder.exists():
            _swap(partial, folder)
        else:
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _swap(partial: Path, folder: Path) -> None:
    # No folder can be renamed over a full one: the old one steps aside at the very
    # end, and comes back if anything fails after that.
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        folder.rename(aside)
        partial.rename(folder)
    except BaseException:
        if aside.exists() and not folder.exists():
            aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)
