"""Files of scores, written chunk by chunk; they appear when they are complete."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, final

import polars as pl
import pyarrow.parquet as pq

from fieldwise.errors import DataError

__all__ = ["ScoreFile", "check_form", "new_score_file"]


class ScoreFile(Protocol):
    """A file that takes rows in chunks."""

    def write(self, chunk: pl.DataFrame) -> None:
        """Append rows; the first chunk names the columns.

        Args:
            chunk: rows with the columns of the first chunk.
        """
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


@final
class _ParquetFile:
    """Each chunk with rows becomes a row group."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._writer: pq.ParquetWriter | None = None

    def write(self, chunk: pl.DataFrame) -> None:
        # The oldest types are those every reader of Parquet knows.
        table = chunk.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._handle, table.schema)
        if table.num_rows:
            self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


@final
class _CsvFile:
    """A line with the names of the columns, then one per row."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._has_header = False

    def write(self, chunk: pl.DataFrame) -> None:
        chunk.write_csv(self._handle, include_header=not self._has_header)
        self._has_header = True

    def close(self) -> None:
        self._handle.flush()


_FORMS: Mapping[str, Callable[[BinaryIO], ScoreFile]] = {
    ".parquet": _ParquetFile,
    ".csv": _CsvFile,
}


def check_form(path: Path, rows: pl.LazyFrame, columns: Sequence[str]) -> None:
    """Raise unless a file can hold the columns.

    Args:
        path: the file.
        rows: the input.
        columns: its columns to write.

    Raises:
        DataError: naming the columns a CSV file has no form for.
    """
    types = rows.collect_schema()
    nested = [name for name in columns if types[name].is_nested()]
    if nested and path.suffix.lower() == ".csv":
        message = (
            f"--out must be a .parquet file to hold lists, got {str(path)!r} for the "
            f"columns {nested}. Or name other columns with --keys."
        )
        raise DataError(message)


@contextmanager
def new_score_file(path: Path, *, overwrite: bool) -> Iterator[ScoreFile]:
    """Open a file that appears when all of it is written, or not at all.

    Args:
        path: where to; the extension says how.
        overwrite: replace a file that is already there.

    Yields:
        The file, under a temporary name beside its place.

    Raises:
        DataError: if the extension is unknown or the place is taken.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        message = f"--out must end in {' or '.join(_FORMS)}, got {str(path)!r}."
        raise DataError(message)
    if path.is_dir() or (path.exists() and not overwrite):
        remedy = "" if path.is_dir() else " Pass --overwrite to replace it."
        message = (
            f"--out must be a file that does not exist, got {str(path)!r}.{remedy}"
        )
        raise DataError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as handle:
            file = form(handle)
            try:
                yield file
            finally:
                file.close()
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
