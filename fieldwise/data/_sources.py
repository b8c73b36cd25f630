"""Which files a source stands for: their order, their format, their folder columns."""

import glob
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import final
from urllib.parse import unquote

import polars as pl

from fieldwise.errors import DataError

__all__ = [
    "COMPRESSIONS",
    "FORMATS",
    "DataFile",
    "check_same_columns",
    "explained",
    "find_files",
]

FORMATS: Mapping[str, str] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".libsvm": "libsvm",
    ".svm": "libsvm",
    ".libfm": "libsvm",
    ".parquet": "parquet",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
}
"""The format each extension stands for."""

COMPRESSIONS = (".gz", ".zst")
"""Endings a text file may have on top of its extension."""

_TEXT = ("csv", "ndjson", "libsvm")
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@final
@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a table.

    Args:
        path: where it is.
        name: its path below what all files of the source have in common.
        format: one of the values of ``FORMATS``.
        partition: columns its folders stand for, such as ``day=3``.
    """

    path: Path
    name: str
    format: str
    partition: tuple[tuple[str, str | None], ...] = ()


@contextmanager
def explained(files: Sequence[Path], form: str) -> Iterator[None]:
    """Turn what the reading library raises into an error that names the file.

    Args:
        files: what is being read.
        form: what the files should hold, in words.

    Yields:
        Nothing.

    Raises:
        DataError: if the files cannot be read.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).strip().split("\n", maxsplit=1)[0].rstrip(".")
        names = ", ".join(repr(str(path)) for path in files)
        message = f"source must hold readable {form}, got {names}: {reason}."
        raise DataError(message) from error


def check_same_columns(columns: Mapping[str, Iterable[str]]) -> None:
    """Raise unless all files have the columns of the first one, in any order.

    Args:
        columns: column names by file name.

    Raises:
        DataError: listing every file that deviates.
    """
    names = {file: dict.fromkeys(found) for file, found in columns.items()}
    first = next(iter(names))
    problems = []
    for file, found in names.items():
        missing = [name for name in names[first] if name not in found]
        added = [name for name in found if name not in names[first]]
        lacks = f"lacks {missing}" if missing else ""
        adds = f"has {added} on top" if added else ""
        if lacks or adds:
            problems.append(f"{file!r} {' and '.join(filter(None, (lacks, adds)))}")
    if problems:
        message = (
            f"source must hold files with the columns of {first!r}, but "
            f"{'; '.join(problems)}. Read them apart, or make them alike."
        )
        raise DataError(message)


def find_files(sources: Sequence[str | Path]) -> tuple[DataFile, ...]:
    """List the data files behind paths, folders and glob patterns.

    Folders and patterns give their files in the order of their names; hidden files
    and names with a leading underscore are passed over.

    Args:
        sources: files, folders or glob patterns.

    Returns:
        At least one file.

    Raises:
        DataError: listing every path that is missing, empty or of unknown format.
    """
    problems: list[str] = []
    found: list[tuple[Path, Path]] = []
    for source in sources:
        pairs = _expand(source)
        found += pairs
        if not pairs:
            problems.append(_nothing_there(source))
    unknown = [str(path) for path, _ in found if _format_of(path) is None]
    if unknown:
        problems.append(
            f"source must have a known extension, got {unknown}. Known are "
            f"{', '.join(FORMATS)}; text files may end in "
            f"{' or '.join(COMPRESSIONS)} on top."
        )
    empty = [str(path) for path, _ in found if path.stat().st_size == 0]
    if empty:
        problems.append(f"source must not be empty, got {empty} without a byte.")
    if problems:
        raise DataError(" ".join(problems))
    common = Path(os.path.commonpath([root for _, root in found]))
    return _with_partitions(found, common)


def _with_partitions(
    found: Sequence[tuple[Path, Path]], common: Path
) -> tuple[DataFile, ...]:
    files = [
        DataFile(
            path=path,
            name=path.relative_to(common).as_posix(),
            format=_format_of(path) or "",
            partition=_partition(path.relative_to(root)),
        )
        for path, root in found
    ]
    check_same_columns(
        {file.name: [key for key, _ in file.partition] for file in files}
    )
    order = [key for key, _ in files[0].partition]
    return tuple(
        replace(
            file, partition=tuple((key, dict(file.partition)[key]) for key in order)
        )
        for file in files
    )


def _expand(source: str | Path) -> list[tuple[Path, Path]]:
    """The files behind one path, each with the folder its name starts from."""
    path = Path(source).expanduser().absolute()
    if path.is_dir():
        return [(file, path) for file in _files_below(path)]
    if path.exists():
        return [(path, path.parent)]
    text = str(path)
    if not glob.has_magic(text):
        return []
    root = Path(*takewhile(lambda part: not glob.has_magic(part), path.parts))
    matched = [Path(match) for match in sorted(glob.glob(text, recursive=True))]
    files = [
        file
        for match in matched
        if not _is_hidden(match, root)
        for file in (_files_below(match) if match.is_dir() else [match])
    ]
    return [(file, root) for file in dict.fromkeys(files)]


def _files_below(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if _format_of(path) is not None)
    return sorted(
        (path for path in files if path.is_file() and not _is_hidden(path, folder)),
        key=lambda path: path.relative_to(folder).as_posix(),
    )


def _is_hidden(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return any(part.startswith((".", "_")) for part in parts)


def _nothing_there(source: str | Path) -> str:
    if Path(source).expanduser().is_dir():
        known = ", ".join(FORMATS)
        return (
            f"source must be a folder with data files, got {str(source)!r} without "
            f"any. Known extensions are {known}."
        )
    if glob.has_magic(str(source)):
        return f"source must match at least one file, got {str(source)!r}."
    hint = (
        " Remote files are read by passing a LazyFrame, such as "
        "polars.scan_parquet(...)."
        if "://" in str(source)
        else " Check the path and the working directory."
    )
    return f"source must be a file that exists, got {str(source)!r}.{hint}"


def _format_of(path: Path) -> str | None:
    suffix = path.suffix.lower()
    if suffix not in COMPRESSIONS:
        return FORMATS.get(suffix)
    inner = FORMATS.get(Path(path.stem).suffix.lower())
    return inner if inner in _TEXT else None


def _partition(relative: Path) -> tuple[tuple[str, str | None], ...]:
    pairs = [part.split("=", 1) for part in relative.parent.parts if "=" in part]
    return tuple(
        (unquote(key), None if value == _NULL_PARTITION else unquote(value))
        for key, value in pairs
    )
