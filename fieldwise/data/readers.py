"""Reading tables: files of any usual format, and tables that are in memory already."""

import glob
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

import polars as pl

from fieldwise.data._delimited import scan_delimited
from fieldwise.data._fingerprint import fingerprint_files, fingerprint_frame
from fieldwise.data._frames import is_one_shot, read_frame, widest_integer
from fieldwise.data._polars_types import DataType, Schema
from fieldwise.data._sources import (
    DataFile,
    check_same_columns,
    explained,
    find_files,
)
from fieldwise.data._text_types import parse_columns
from fieldwise.data.libsvm import scan_libsvm
from fieldwise.errors import DataError

__all__ = ["read_table", "table_fingerprint"]

_PATH = "__fieldwise_path__"


def read_table(source: object) -> pl.LazyFrame:
    """Read a table, lazily where it is a file.

    Files are known by their extension: ``.csv``, ``.tsv``, ``.ndjson``, ``.jsonl``,
    ``.libsvm``, ``.svm`` and ``.libfm`` (also with ``.gz`` or ``.zst``), ``.parquet``,
    ``.arrow``, ``.feather`` and ``.ipc``. Text files are read through once to find
    their types. Folders named ``key=value`` below a folder or a pattern give columns.
    Several files must have the same columns; in NDJSON a key that a line or a whole
    file lacks is null.

    Examples:
        >>> read_table({"site": ["a", "b"], "click": [0, 1]}).collect().rows()
        [('a', 0), ('b', 1)]
        >>> read_table([{"site": "a"}, {"click": 1}]).collect().rows()
        [('a', None), (None, 1)]

    Args:
        source: a path, folder or glob pattern, or a list of these; a Polars, pandas
            or Arrow table or Arrow reader; a dict of lists; a list of dicts.

    Returns:
        The table.

    Raises:
        DataError: if there is nothing to read, or it cannot be read; a table without
            rows is read.
    """
    paths = _paths(source)
    return read_frame(source) if paths is None else _scan_files(find_files(paths))


def table_fingerprint(source: object) -> str:
    """Checksum the content of a table.

    For files: relative names, sizes and bytes, in the order they are read. For tables
    in memory: the values of every column, whatever the order of columns and chunks.

    Args:
        source: what ``read_table`` reads, except a reader that can be read once only.

    Returns:
        A sha256 in hexadecimal.

    Raises:
        DataError: if the source cannot be read, or only once.
    """
    if is_one_shot(source):
        message = (
            f"source must be a table that can be read twice, got a "
            f"{type(source).__name__}. Call its read_all() first."
        )
        raise DataError(message)
    paths = _paths(source)
    if paths is None:
        return fingerprint_frame(read_frame(source))
    return fingerprint_files(find_files(paths))


def _paths(source: object) -> list[str | Path] | None:
    """The paths a source consists of; None for a table in memory."""
    if isinstance(source, str | Path):
        return [source]
    if not isinstance(source, list | tuple):
        return None
    if not source:
        message = "source must hold at least one path or row, got an empty list."
        raise DataError(message)
    paths = [item for item in source if isinstance(item, str | Path)]
    if paths and len(paths) < len(source):
        message = "source must be a list of paths or a list of dicts, got both."
        raise DataError(message)
    return paths or None


def _scan_files(files: Sequence[DataFile]) -> pl.LazyFrame:
    path_column = _PATH if files[0].partition else None
    frames: dict[str, pl.LazyFrame] = {}
    for format_name, run in groupby(files, key=lambda file: file.format):
        paths = [file.path for file in run]
        frames[str(paths[0])] = _SCANS[format_name](paths, path_column)
    if len(frames) > 1:
        names = {file: lazy.collect_schema() for file, lazy in frames.items()}
        check_same_columns(names)
        frame = _stack(list(frames.values()), [file.path for file in files])
    else:
        frame = next(iter(frames.values()))
    return _with_partition(frame, files) if path_column else frame


def _with_partition(frame: pl.LazyFrame, files: Sequence[DataFile]) -> pl.LazyFrame:
    """Add the columns folders stand for; a column in the files themselves wins."""
    inside = frame.collect_schema().names()
    keys = [key for key, _ in files[0].partition if key not in inside]
    text = pl.DataFrame(
        {key: [dict(file.partition)[key] for file in files] for key in keys},
        schema=dict.fromkeys(keys, pl.String),
    )
    paths = pl.Series([str(file.path) for file in files], dtype=pl.String)
    columns = [
        pl.col(_PATH)
        .replace_strict(paths, values, return_dtype=values.dtype)
        .alias(values.name)
        for values in parse_columns(text)
    ]
    return frame.with_columns(columns).drop(_PATH)


def _stack(frames: Sequence[pl.LazyFrame], paths: Sequence[Path]) -> pl.LazyFrame:
    """Put tables below each other, in the widest type of each column."""
    names = frames[0].collect_schema().names()
    with explained(paths, "columns of one type"):
        stacked = pl.concat(
            [frame.select(names) for frame in frames], how="vertical_relaxed"
        )
        stacked.collect_schema()
    return stacked


def _scan_parquet(paths: Sequence[Path], path_column: str | None) -> pl.LazyFrame:
    def scan(some: Sequence[Path]) -> pl.LazyFrame:
        return pl.scan_parquet(
            list(some),
            glob=False,
            hive_partitioning=False,
            include_file_paths=path_column,
        )

    return _scan_columnar(paths, scan, "Parquet")


def _scan_ipc(paths: Sequence[Path], path_column: str | None) -> pl.LazyFrame:
    def scan(some: Sequence[Path]) -> pl.LazyFrame:
        return pl.scan_ipc(
            list(some),
            glob=False,
            hive_partitioning=False,
            include_file_paths=path_column,
        )

    return _scan_columnar(paths, scan, "Arrow IPC in the file format")


def _scan_columnar(
    paths: Sequence[Path], scan: Callable[[Sequence[Path]], pl.LazyFrame], form: str
) -> pl.LazyFrame:
    # Polars looks at the first file only; a damaged or deviating one must show now.
    schemas: dict[Path, Schema] = {}
    problems = []
    for path in paths:
        try:
            with explained([path], form):
                schemas[path] = scan([path]).collect_schema()
        except DataError as error:
            problems.append(str(error))
    if problems:
        raise DataError(" ".join(problems))
    check_same_columns({str(path): schema for path, schema in schemas.items()})
    layouts = {tuple(schema.items()) for schema in schemas.values()}
    if len(layouts) == 1:
        return scan(paths)
    return _stack([scan([path]) for path in paths], paths)


def _scan_ndjson(paths: Sequence[Path], path_column: str | None) -> pl.LazyFrame:
    # This scan knows no `glob=False`.
    names = {path: glob.escape(str(path)) for path in paths}
    schemas = []
    for path in paths:
        with explained([path], "NDJSON, one object per line"):
            found = pl.scan_ndjson(names[path], infer_schema_length=None)
            schemas.append(pl.LazyFrame(schema=found.collect_schema()))
    with explained(paths, "columns of one type"):
        types = pl.concat(schemas, how="diagonal_relaxed").collect_schema()
    every = list(names.values())
    raw = pl.scan_ndjson(every, schema=types, include_file_paths=path_column)
    return pl.scan_ndjson(
        every,
        schema=_without_wide_integers(raw, types),
        include_file_paths=path_column,
    )


def _without_wide_integers(frame: pl.LazyFrame, types: Schema) -> dict[str, DataType]:
    """Types of at most 64 bits, and text where no value says what a column holds."""
    chosen: dict[str, DataType] = dict(types)
    chosen |= {name: pl.String() for name, dtype in types.items() if dtype == pl.Null}
    wide = [name for name, dtype in types.items() if dtype == pl.Int128]
    if wide:
        column = pl.col(wide)
        ends = frame.select(
            column.min().name.prefix("low:"), column.max().name.prefix("high:")
        )
        row = ends.collect(engine="streaming").row(0, named=True)
        for name in wide:
            chosen[name] = widest_integer(row[f"low:{name}"], row[f"high:{name}"])
    return chosen


_SCANS: Mapping[str, Callable[[Sequence[Path], str | None], pl.LazyFrame]] = {
    "csv": lambda paths, column: scan_delimited(paths, path_column=column),
    "ndjson": _scan_ndjson,
    "libsvm": lambda paths, column: scan_libsvm(paths, path_column=column),
    "parquet": _scan_parquet,
    "ipc": _scan_ipc,
}
