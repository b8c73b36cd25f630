"""Comma- and tab-separated text, compressed or not, as one lazy table."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import final

import polars as pl

from fieldwise.data._polars_types import DataType
from fieldwise.data._sources import check_same_columns, explained
from fieldwise.data._text_types import clean_columns, decide_types
from fieldwise.errors import DataError

__all__ = ["Header", "read_header", "scan_delimited"]

_HEADER_LINES = 64
"""Lines looked at for the header, in case the first ones are blank."""


@final
@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a file.

    Args:
        names: column names, in order.
        delimiter: what stands between two values.
    """

    names: tuple[str, ...]
    delimiter: str


def read_header(path: Path) -> Header:
    """Read the column names of one file.

    Args:
        path: a CSV or TSV file, compressed or not.

    Returns:
        The names and the delimiter.

    Raises:
        DataError: if the file is empty, not UTF-8 or names a column twice.
    """
    with explained([path], "UTF-8 text"):
        lines = (
            pl.scan_csv(
                path,
                has_header=False,
                schema={"line": pl.String},
                separator="\x01",
                quote_char=None,
                n_rows=_HEADER_LINES,
                glob=False,
            )
            .collect()["line"]
            .drop_nulls()
            .to_list()
        )
    if not lines:
        message = f"source must have a header line, got {str(path)!r} without a line."
        raise DataError(message)
    delimiter = _delimiter(path, lines[0])
    rows = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    counts = Counter(next(rows))
    doubled = [name for name, count in counts.items() if count > 1]
    if doubled:
        message = (
            f"source must name every column once, got {doubled} more than once in "
            f"{str(path)!r}. Rename them in its header line."
        )
        raise DataError(message)
    # Polars' own reading of the names is the one that scans must use.
    scan = pl.scan_csv(path, separator=delimiter, infer_schema=False, glob=False)
    with explained([path], "CSV"):
        names = tuple(scan.collect_schema().names())
    return Header(names, delimiter)


def _delimiter(path: Path, line: str) -> str:
    if ".tsv" in path.name.lower():
        return "\t"
    unquoted = "".join(line.split('"')[::2])
    # max keeps the first of equals: a comma unless another one is more frequent.
    return max((",", ";", "|", "\t"), key=unquoted.count)


def scan_delimited(
    paths: Sequence[Path], *, path_column: str | None = None
) -> pl.LazyFrame:
    """Scan CSV and TSV files as one table; lines without any value are left out.

    One streaming pass over the files decides the types, so that a late text in a
    column of numbers, or a line that cannot be read, is met here and not halfway
    through a training.

    Args:
        paths: files with the same columns, compressed or not.
        path_column: name of a column to add that holds the path of each row's file.

    Returns:
        The table, not read yet.

    Raises:
        DataError: if a file is empty, cannot be read or has other columns.
    """
    headers = {path: read_header(path) for path in paths}
    check_same_columns({str(path): header.names for path, header in headers.items()})
    names = headers[paths[0]].names
    # One scan per run of files with one delimiter: nearly always one in all.
    runs = [
        list(run) for _, run in groupby(paths, key=lambda path: headers[path].delimiter)
    ]

    def scan(dtypes: Mapping[str, DataType]) -> pl.LazyFrame:
        scans = [
            pl.scan_csv(
                run,
                separator=headers[run[0]].delimiter,
                schema=dtypes,
                glob=False,
                include_file_paths=path_column,
            )
            for run in runs
        ]
        return pl.concat(scans) if len(scans) > 1 else scans[0]

    text = scan(dict.fromkeys(names, pl.String()))
    try:
        with explained(paths, "CSV"):
            columns, num_blank = decide_types(text.select(names))
    except DataError:
        _blame_one(paths, headers)
        raise
    frame = scan(
        {
            name: column.dtype if column.is_clean else pl.String()
            for name, column in columns.items()
        }
    )
    if num_blank and len(names) > 1:
        frame = frame.filter(~pl.all_horizontal(pl.col(names).is_null()))
    return clean_columns(frame, columns)


def _blame_one(paths: Sequence[Path], headers: Mapping[Path, Header]) -> None:
    """Raise for the first file that cannot be read on its own."""
    for path in paths:
        dtypes = dict.fromkeys(headers[path].names, pl.String)
        one = pl.scan_csv(
            path, separator=headers[path].delimiter, schema=dtypes, glob=False
        )
        with explained([path], "CSV"):
            one.select(pl.all().null_count()).collect(engine="streaming")
