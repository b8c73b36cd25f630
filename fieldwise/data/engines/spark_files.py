"""Parquet files as Spark names them, and the number of each file's first row."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from fieldwise.data._polars_types import DataType
from fieldwise.data._polars_types import Schema as ColumnTypes
from fieldwise.data._sources import DataFile, find_files
from fieldwise.data._text_types import parse_columns
from fieldwise.data.columns import item_type
from fieldwise.data.readers import read_table
from fieldwise.errors import DataError

__all__ = [
    "FILE",
    "FIRST",
    "check_types",
    "find_parquet",
    "first_rows",
    "read_types",
    "spark_path",
]

FILE = "__fieldwise_file__"
"""The column that names the file of a row."""

FIRST = "__fieldwise_first__"
"""The column with the number of the first row of a file."""

_UNKNOWN_TO_SPARK = (
    *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128, pl.Int128),
    *(pl.Time, pl.Duration, pl.Null),
)


def find_parquet(source: Sequence[str]) -> tuple[DataFile, ...]:
    """The files behind paths, in the order ``read_table`` reads them.

    Args:
        source: files, folders, patterns; or URLs, which only Spark can look into.

    Returns:
        The files; none for URLs.

    Raises:
        DataError: if there are none, they are no Parquet, or paths and URLs are mixed.
    """
    urls = [path for path in source if "://" in path]
    if len(urls) == len(source):
        return ()
    if urls:
        message = f"source must be paths or URLs, got both: {list(source)}."
        raise DataError(message)
    files = find_files(source)
    others = [str(file.path) for file in files if file.format != "parquet"]
    if others:
        message = (
            f"source must be Parquet files for the engine 'spark', got {others[:5]}. "
            "Convert them, or use the engine 'polars'."
        )
        raise DataError(message)
    return files


def read_types(source: Sequence[str], files: Sequence[DataFile]) -> ColumnTypes:
    """The columns of files that the driver sees.

    Args:
        source: where ``files`` were found.
        files: at least one.

    Returns:
        The types ``read_table`` gives, with the columns folders stand for.

    Raises:
        DataError: if files differ in their columns or types.
    """
    types = read_table(list(source)).collect_schema()
    layouts = {
        file.name: dict(
            pl.scan_parquet(
                file.path, glob=False, hive_partitioning=False
            ).collect_schema()
        )
        for file in files
    }
    # In any order: columns are found by their names.
    first = layouts[files[0].name]
    others = [name for name, layout in layouts.items() if layout != first]
    if others:
        message = (
            f"source must hold files with the types of {files[0].name!r} for the "
            f"engine 'spark', got others in {others[:5]}. Write them alike."
        )
        raise DataError(message)
    return types


def check_types(types: ColumnTypes) -> None:
    """Raise if Spark cannot read a column, or not exactly.

    Args:
        types: the columns.

    Raises:
        DataError: listing all of them.
    """
    problems = []
    wrong = {name: str(dtype) for name, dtype in types.items() if _is_foreign(dtype)}
    if wrong:
        problems.append(f"columns must be of types Spark has, got {wrong}.")
    names = [name for name in types if name == "*" or set(name) & set(".`")]
    if names:
        problems.append(f"column names must have no dot and no backtick, got {names}.")
    if problems:
        problems.append("Change them, or leave them out with ignore.")
        raise DataError(" ".join(problems))


def _is_foreign(dtype: DataType) -> bool:
    if isinstance(dtype, pl.List | pl.Array):
        return _is_foreign(item_type(dtype))
    is_fine = isinstance(dtype, pl.Datetime) and dtype.time_unit == "ns"
    return is_fine or dtype in _UNKNOWN_TO_SPARK


def spark_path(path: Path) -> str:
    r"""A path that Spark does not take for a pattern.

    Examples:
        >>> print(spark_path(Path("/logs/a{1}.parquet")))
        /logs/a\{1\}.parquet

    Args:
        path: of a file.

    Returns:
        The path with escapes.
    """
    return re.sub(r"([\\*?\[\]{}])", r"\\\1", str(path))


def first_rows(
    counts: Mapping[str, int], files: Sequence[DataFile], keys: ColumnTypes
) -> pl.DataFrame:
    """The number of the first row of every file, and the values its folders give.

    Examples:
        >>> first_rows({"s3a://x/2": 5, "s3a://x/1": 3}, (), pl.Schema()).rows()
        [('s3a://x/1', 0), ('s3a://x/2', 3)]

    Args:
        counts: rows by file, as Spark names it.
        files: in order; none where the order is that of the names.
        keys: types of the columns that folders stand for.

    Returns:
        Columns ``FILE``, ``FIRST`` and one per key.
    """
    places = {str(file.path): place for place, file in enumerate(files)}
    named = {
        name: places[_plain_path(name, places)] if files else unquote(name)
        for name in counts
    }
    ordered = sorted(counts, key=named.__getitem__)
    numbers = pl.DataFrame(
        {FILE: ordered, FIRST: [counts[name] for name in ordered]},
        schema={FILE: pl.String, FIRST: pl.Int64},
    )
    first = numbers.with_columns(pl.col(FIRST).cum_sum() - pl.col(FIRST))
    if not keys:
        return first
    chosen = [files[places[_plain_path(name, places)]] for name in ordered]
    text = pl.DataFrame(
        {key: [dict(file.partition)[key] for file in chosen] for key in keys},
        schema=dict.fromkeys(keys, pl.String),
    )
    values = parse_columns(text).with_columns(
        pl.col(key).cast(dtype) for key, dtype in keys.items()
    )
    return pl.concat([first, values], how="horizontal")


def _plain_path(name: str, known: Mapping[str, int]) -> str:
    """The path in a name such as ``file:///logs/a%20b.parquet``."""
    path = re.sub("^file:(//)?", "", name)
    return path if path in known else unquote(path)
