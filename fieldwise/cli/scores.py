"""Scores of rows, chunk by chunk, beside the columns that name the rows."""

import difflib
from collections.abc import Iterator, Sequence

import polars as pl

from fieldwise.data.encoding import UnknownCounter
from fieldwise.errors import DataError
from fieldwise.ranker import Ranker
from fieldwise.schema import Schema

__all__ = ["ROW", "key_columns", "score_names", "scored"]

ROW = "row"
"""Column with the number of the row, from 0, where no other column names it."""


def score_names(schema: Schema) -> list[str]:
    """Name the columns of scores.

    Args:
        schema: its labels count.

    Returns:
        ``probability`` for a binary label, ``value`` for a real one; with several
        labels the name of the label is added.
    """
    names = [
        "value" if label.kind == "real" else "probability" for label in schema.labels
    ]
    if len(names) == 1:
        return names
    return [
        f"{name}_{label}" for name, label in zip(names, schema.label_names, strict=True)
    ]


def key_columns(
    rows: pl.LazyFrame, schema: Schema, *, keys: Sequence[str], keep_all: bool
) -> list[str]:
    """Choose the columns to write beside the scores.

    Args:
        rows: the input.
        schema: of the ranker.
        keys: what the user asked for; none for all that are no fields.
        keep_all: take every column of the input.

    Returns:
        Columns of the input; none if every column is a field.

    Raises:
        DataError: if a key is missing, or called like a score.
    """
    known = rows.collect_schema().names()
    chosen = [name for name in known if name not in schema]
    if keys or keep_all:
        chosen = known if keep_all else list(dict.fromkeys(keys))
    problems = []
    for name in chosen:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            problems.append(f"--keys must be a column of the rows, got {name!r}.{hint}")
    taken = [name for name in chosen if name in score_names(schema)]
    if taken:
        problems.append(
            f"columns must not be called like scores, got {taken}. Name others with "
            "--keys."
        )
    if problems:
        raise DataError(" ".join(problems))
    return chosen


def scored(
    ranker: Ranker, rows: pl.LazyFrame, keys: Sequence[str], unknown: UnknownCounter
) -> Iterator[pl.DataFrame]:
    """Score rows in chunks, so that a file need not fit into memory.

    Args:
        ranker: scores the rows.
        rows: the input.
        keys: its columns to keep; without any, rows are numbered.
        unknown: learns how many values are unknown.

    Yields:
        Keys and scores, in the order of the rows. The first chunk has no rows: it
        tells the columns also where the input is empty.

    Raises:
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    chunks = ranker.score_chunks(rows, keep=keys)
    names = score_names(ranker.schema)
    yield _keys(rows.head(0).select(keys).collect(), 0, 0).with_columns(
        pl.lit(0.0).alias(name) for name in names
    )
    num_rows = 0
    for part in chunks:
        values = part.values.reshape(len(part), len(names))
        yield _keys(part.kept, num_rows, len(part)).with_columns(
            pl.Series(name, values[:, task]) for task, name in enumerate(names)
        )
        unknown.merge(part.unknown)
        num_rows += len(part)


def _keys(kept: pl.DataFrame | None, start: int, num_rows: int) -> pl.DataFrame:
    if kept is not None and kept.width:
        return kept
    numbers = pl.int_range(start, start + num_rows, dtype=pl.Int64, eager=True)
    return numbers.alias(ROW).to_frame()
