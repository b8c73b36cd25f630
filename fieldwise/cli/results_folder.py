"""The folder of a comparison or of curves, which is kept until all of it is done."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fieldwise.cli.log import logged_to_file
from fieldwise.cli.run_folder import LOG

__all__ = ["logged_in"]


@contextmanager
def logged_in(folder: Path, *, overwrite: bool) -> Iterator[None]:
    """Keep the log in the folder, which is not there if nothing comes of it.

    Args:
        folder: of the results.
        overwrite: begin the log anew.

    Yields:
        Nothing; the file is closed afterwards.

    Raises:
        DataError: if there is something else in the folder.
    """
    from fieldwise.comparison.folder import ComparisonFolder
    from fieldwise.comparison.manifest import MANIFEST

    ComparisonFolder(folder).check()
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with logged_to_file(folder / LOG, append=not overwrite):
            yield
    finally:
        if is_new and not (folder / MANIFEST).is_file():
            shutil.rmtree(folder, ignore_errors=True)
