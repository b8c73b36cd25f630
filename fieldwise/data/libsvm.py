"""Sparse text: ``label index:value ...``, the format of libsvm and libFM.

The columns follow from the whole file. Where every row has the same number of entries
and all values are 1, each position is a field (``field_1``, ``field_2``, ...) and the
index its value: the usual libFM form of a categorical log. Where all values are 1, the
indices of a row are one list, ``features``. Else every index is a numeric column
(``x_1``, ``x_2``, ...), zero where a row does not mention it.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from fieldwise.data._sources import explained
from fieldwise.errors import DataError

__all__ = ["MAX_DENSE_INDEX", "scan_libsvm"]

MAX_DENSE_INDEX = 10_000
"""Largest index that becomes a numeric column of its own."""

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
# At most 18 digits: an index beyond 64 bits is a mistake, not a feature.
_LINE = rf"^{_NUMBER}(?:\s+qid:[0-9]{{1,18}})?(?:\s+[0-9]{{1,18}}:{_NUMBER})*$"
_GROUP = r"\sqid:([0-9]+)"


def scan_libsvm(
    paths: Sequence[Path], *, path_column: str | None = None
) -> pl.LazyFrame:
    """Scan libsvm or libFM files as one table.

    ``qid:`` becomes the column ``group``; what follows a ``#`` is a comment. An index
    that a row repeats counts with its last value.

    Args:
        paths: text files, compressed or not.
        path_column: name of a column to add that holds the path of each row's file.

    Returns:
        The table, not read yet.

    Raises:
        DataError: naming the first malformed line and how many there are, or if the
            largest index is too large for numeric columns.
    """
    rows = _rows(paths, path_column)
    with explained(paths, "libsvm text"):
        facts = rows.select(**_facts()).collect(engine="streaming").row(0, named=True)
    if facts["malformed"]:
        raise DataError(_first_malformed(paths, facts["malformed"]))
    label = pl.col("body").str.extract(r"^(\S+)").cast(pl.Float64)
    head = [(label.cast(pl.Int64) if facts["is_integral"] else label).alias("label")]
    if facts["has_group"]:
        head.append(pl.col("group"))
    tail = [] if path_column is None else [pl.col(path_column)]
    indices = (
        pl.col("entries")
        .str.extract_all(r"[0-9]+:")
        .list.eval(pl.element().str.head(-1).cast(pl.Int64))
    )
    if facts["entries"] != facts["ones"]:
        return _dense(rows, paths, head, indices, tail)
    if facts["shortest"] != facts["longest"]:
        return rows.select(*head, indices.alias("features"), *tail)
    width = facts["longest"] or 0
    fields = [
        pl.col("indices").list.get(i).alias(f"field_{i + 1}") for i in range(width)
    ]
    return rows.with_columns(indices=indices).select(*head, *fields, *tail)


def _rows(paths: Sequence[Path], path_column: str | None = None) -> pl.LazyFrame:
    """The lines that hold a row: their text, group and entries."""
    lines = pl.scan_csv(
        list(paths),
        has_header=False,
        schema={"line": pl.String},
        # One column: a delimiter that no text holds.
        separator="\x01",
        quote_char=None,
        row_index_name="number",
        glob=False,
        include_file_paths=path_column,
    )
    body = pl.col("line").str.replace(r"#.*$", "").str.strip_chars()
    entries = pl.col("body").str.replace(_GROUP, "")
    return (
        lines.with_columns(body=body)
        .filter(pl.col("body") != "")
        .with_columns(
            entries=entries,
            group=pl.col("body").str.extract(_GROUP).cast(pl.Int64, strict=False),
        )
    )


def _facts() -> dict[str, pl.Expr]:
    label = pl.col("body").str.extract(r"^(\S+)").cast(pl.Float64, strict=False)
    length = pl.col("entries").str.count_matches(r"\s[0-9]+:")
    return {
        "malformed": (~pl.col("body").str.contains(_LINE)).sum(),
        "is_integral": (label == label.round()).all(),
        "has_group": pl.col("group").is_not_null().any(),
        "shortest": length.min(),
        "longest": length.max(),
        "entries": length.sum(),
        "ones": pl.col("entries").str.count_matches(r":\+?1(?:\.0*)?(?:\s|$)").sum(),
    }


def _first_malformed(paths: Sequence[Path], count: int) -> str:
    for path in paths:
        wrong = (
            _rows([path])
            .filter(~pl.col("body").str.contains(_LINE))
            .select("number", "line")
            .head(1)
            .collect(engine="streaming")
        )
        if wrong.height:
            break
    number, line = wrong.row(0)
    return (
        f"source must hold lines of the form 'label index:value ...', got "
        f"{line[:80]!r} in line {number + 1} of {str(path)!r} ({count} malformed "
        "lines in all)."
    )


def _dense(
    rows: pl.LazyFrame,
    paths: Sequence[Path],
    head: Sequence[pl.Expr],
    indices: pl.Expr,
    tail: Sequence[pl.Expr],
) -> pl.LazyFrame:
    values = (
        pl.col("entries")
        .str.extract_all(r":\S+")
        .list.eval(pl.element().str.tail(-1).cast(pl.Float64))
    )
    sparse = rows.select(
        *head, indices.alias("__indices__"), values.alias("__values__"), *tail
    )
    first, last = _index_range(sparse, paths)
    names = [f"x_{index}" for index in range(first, last + 1)]
    kept: dict[str, Any] = dict(
        sparse.drop("__indices__", "__values__").collect_schema()
    )
    return sparse.map_batches(
        partial(_spread, first=first, names=names),
        schema=kept | dict.fromkeys(names, pl.Float64),
        streamable=True,
    )


def _index_range(sparse: pl.LazyFrame, paths: Sequence[Path]) -> tuple[int, int]:
    """First and last index that become columns; counting starts at 1 or 0."""
    ends = sparse.select(
        pl.col("__indices__").list.min().min().alias("low"),
        pl.col("__indices__").list.max().max().alias("high"),
    )
    low, high = ends.collect(engine="streaming").row(0)
    if high > MAX_DENSE_INDEX:
        files = ", ".join(repr(str(path)) for path in paths)
        message = (
            f"source must hold indices up to {MAX_DENSE_INDEX} where values differ "
            f"from 1, got {high} in {files}. Write the values of categorical fields "
            "as 1, or convert the file to Parquet with one column per field."
        )
        raise DataError(message)
    return min(low, 1), high


def _spread(chunk: pl.DataFrame, first: int, names: Sequence[str]) -> pl.DataFrame:
    """Numeric columns instead of the lists of indices and values of some rows."""
    lengths = chunk["__indices__"].list.len()
    row = np.repeat(np.arange(chunk.height), lengths.to_numpy())
    filled = chunk.filter(lengths > 0)
    dense = np.zeros((len(names), chunk.height))
    index = filled["__indices__"].explode().to_numpy() - first
    dense[index, row] = filled["__values__"].explode().to_numpy()
    wide = pl.DataFrame(
        dict(zip(names, dense, strict=True)), schema=dict.fromkeys(names, pl.Float64)
    )
    return chunk.drop("__indices__", "__values__").hstack(wide)
