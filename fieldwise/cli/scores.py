"""Scores of rows, chunk by chunk, beside the columns that name the rows."""

import difflib
from collections.abc import Iterator, Sequence
from typing import final

import polars as pl

from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.columns import check_columns
from fieldwise.data.layout import RowLayout
from fieldwise.errors import DataError
from fieldwise.ranker import Ranker
from fieldwise.schema import Schema

__all__ = ["ROW", "UnknownShares", "key_columns", "score_names", "scored"]

ROW = "row"
"""Column with the number of the row, from 0, where no other column names it."""


@final
class UnknownShares:
    """Shares of unknown values over all chunks, each weighted by its rows."""

    def __init__(self) -> None:
        self.num_rows = 0
        self._sums: dict[str, float] = {}

    def add(self, shares: dict[str, float], num_rows: int) -> None:
        """Take the shares of a chunk.

        Args:
            shares: share of unknown values by field, in [0, 1].
            num_rows: rows of the chunk.
        """
        self.num_rows += num_rows
        for name, share in shares.items():
            self._sums[name] = self._sums.get(name, 0.0) + share * num_rows

    def shares(self) -> dict[str, float]:
        """Share of unknown values by field, in [0, 1]."""
        rows = max(self.num_rows, 1)
        return {name: total / rows for name, total in self._sums.items()}


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
    ranker: Ranker, rows: pl.LazyFrame, keys: Sequence[str], unknown: UnknownShares
) -> Iterator[pl.DataFrame]:
    """Score rows in chunks, so that a file need not fit into memory.

    Args:
        ranker: scores the rows.
        rows: the input.
        keys: its columns to keep; without any, rows are numbered.
        unknown: learns the shares of unknown values.

    Yields:
        Keys and scores, in the order of the rows. The first chunk has no rows: it
        tells the columns also where the input is empty.

    Raises:
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    check_columns(ranker.schema, rows.collect_schema(), labelled=False)
    names = score_names(ranker.schema)
    yield _keys(rows.head(0).collect(), keys, 0).with_columns(
        pl.lit(0.0).alias(name) for name in names
    )
    needed = dict.fromkeys([*ranker.schema.names, *keys])
    width = RowLayout.of(ranker.schema, labelled=False).width + len(keys)
    columns = [pl.col(name) for name in needed]
    for chunk in read_chunks(rows, columns, max_rows=CHUNK_ROWS, width=width):
        predictions = ranker.score(chunk)
        values = predictions.values.reshape(len(chunk), len(names))
        yield _keys(chunk, keys, unknown.num_rows).with_columns(
            pl.Series(name, values[:, task]) for task, name in enumerate(names)
        )
        unknown.add(predictions.unknown_shares, len(chunk))


def _keys(chunk: pl.DataFrame, keys: Sequence[str], start: int) -> pl.DataFrame:
    if keys:
        return chunk.select(keys)
    numbers = pl.int_range(start, start + len(chunk), dtype=pl.Int64, eager=True)
    return numbers.alias(ROW).to_frame()
