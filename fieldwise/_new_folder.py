"""Folders that appear whole, or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["new_folder"]


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
