"""Ranking the fields of a raw table in one pass, in bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.columns import check_columns
from fieldwise.data.divided_table import divide_table
from fieldwise.data.readers import read_table, table_fingerprint
from fieldwise.data.row_bar import row_bar
from fieldwise.data.splits import ColumnSplit, Split
from fieldwise.errors import SchemaError
from fieldwise.schema import Schema
from fieldwise.selection.outrank.field_ranking import FieldRanking
from fieldwise.selection.outrank.importances import Importances, matched_noise
from fieldwise.selection.outrank.list_values import ListValues
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.quality import Quality
from fieldwise.selection.outrank.quality_report import Finding
from fieldwise.selection.outrank.raw_blocks import RawBlocks
from fieldwise.selection.outrank.raw_columns import RawColumns, in_blocks, value_name
from fieldwise.selection.outrank.scorer import Scorer, Scores

__all__ = ["LEAK_SHARE", "rank_table"]

LEAK_SHARE = 0.9
"""A field that says so much of what the label itself would say knows the label."""


def rank_table(
    data: Any,  # noqa: ANN401
    *,
    label: str | None = None,
    schema: Schema | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    split: Split | str | None = None,
    plan: Plan | None = None,
    progress: bool | None = None,
) -> FieldRanking:
    """Rank the fields of a table by what each of them says about the label.

    The rows are read in blocks; a score is the median over the blocks, so that memory
    does not grow with the table. Rows without a label count for the quality of columns
    only; row weights count for nothing. Vectors cannot be ranked and are left out; a
    list is one value as a whole, and its most frequent values are scored apart.

    Examples:
        >>> site = ["a", "b"] * 500
        >>> clicks = {"site": site, "hour": [1, 1, 2, 2] * 250, "click": [0, 1] * 500}
        >>> found = rank_table(clicks, label="click")
        >>> found.fields.ranked, found.below_noise
        (('site', 'hour'), ('hour',))

    Args:
        data: a frame, Arrow table, file, list of files, glob or folder.
        label: the column to rank by.
        schema: the fields and the label; guessed by ``Schema.infer`` if None.
        weight: column of row weights, which is no field.
        group: column of rows that are ranked together, which is no field.
        time: column that orders the rows in time, which is no field.
        ignore: columns that are no fields, and that nothing is told about.
        split: how to divide the rows, or the column that names the part: only training
            rows are ranked by. None takes all rows.
        plan: what to score; the defaults if None.
        progress: draw a bar; None draws it where stderr is a terminal.

    Returns:
        The ranking; the same for the same rows in other blocks of equal size.

    Raises:
        SchemaError: if columns are missing or cannot be used, or there are several
            labels.
        DataError: if the data cannot be read, no row has a label, or labels do not suit
            the heuristic.
    """
    plan = plan or Plan()
    if schema is None and label is None:
        message = "label must name the column to rank by, got None."
        raise SchemaError(message)
    roles: dict[str, Any] = {"label": label, "weight": weight, "group": group}
    roles |= {"time": time, "ignore": ignore}
    frame, schema, fingerprint, num_rows = _rows(data, schema, roles, split)
    if len(schema.labels) != 1:
        message = f"label must be one column, got {list(schema.label_names)}."
        raise SchemaError(message)
    columns = RawColumns(frame, schema, hidden=[*ignore, *_part_column(split)])
    ranked = schema.select([n for n in schema.names if n not in columns.left_out])
    quality = Quality(columns)
    lists = ListValues(frame, ranked)
    blocks = RawBlocks(ranked, plan, lists.columns())
    scorer = Scorer(plan, len(ranked), len(blocks.forms) + len(lists.names))
    with row_bar("ranking", num_rows, shown=progress) as advance:
        seen = _looked_at(frame, columns, lists, quality, plan.step, advance)
        is_labelled = pl.col(value_name(schema.label_names[0])).is_not_null()
        labelled = (rows.filter(is_labelled) for rows in seen)
        scores = scorer.run(map(blocks.make, in_blocks(labelled, plan.block_rows)))
    report = quality.report(_findings(scores, ranked.names))
    found = Importances(scores, plan, ranked.names, fingerprint)
    told = [report[name] for name in ranked.names]
    return FieldRanking(
        label=schema.label_names[0],
        num_blocks=scores.num_blocks,
        fields=found.fields(
            {
                "coverage": np.array([column.coverage for column in told]),
                "num_values": np.array([float(column.num_values) for column in told]),
            }
        ),
        controls=found.controls(),
        quality=report,
        order=found.order(),
        between=found.between(),
        combinations=found.combinations(),
        forms=found.forms(blocks.forms),
        values=found.values(lists.names),
    )


def _rows(
    data: object,
    schema: Schema | None,
    roles: dict[str, Any],
    split: Split | str | None,
) -> tuple[pl.LazyFrame, Schema, str, int]:
    """The rows to rank by, their columns, a checksum, and how many rows there are."""
    if split is not None:
        table = divide_table(data, schema, roles=roles, split=split)
        parts = table.parts
        return parts.train, table.schema, table.fingerprint, parts.counts["train"]
    fingerprint = table_fingerprint(data)
    frame = read_table(data)
    schema = schema or Schema.infer(frame, **roles)
    check_columns(schema, frame.collect_schema(), labelled=True)
    num_rows = int(frame.select(pl.len()).collect(engine="streaming").item())
    return frame, schema, fingerprint, num_rows


def _part_column(split: Split | str | None) -> list[str]:
    """The column that names the part of a row, which is alike in all training rows."""
    if isinstance(split, ColumnSplit):
        return [split.column]
    return [split] if isinstance(split, str) else []


def _looked_at(
    frame: pl.LazyFrame,
    columns: RawColumns,
    lists: ListValues,
    quality: Quality,
    step: int,
    advance: Callable[[int], None],
) -> Iterator[pl.DataFrame]:
    """Hashes and numbers of every so-many-th row, chunk by chunk."""
    names = [pl.col(name) for name in columns.names]
    start = 0
    for chunk in read_chunks(frame, names, max_rows=CHUNK_ROWS, width=len(names)):
        rows = chunk.gather_every(step, offset=-start % step)
        start += len(chunk)
        seen = columns.look(rows)
        quality.add(rows, seen)
        advance(len(chunk))
        yield seen.with_columns(lists.look(rows))


def _findings(scores: Scores, names: Sequence[str]) -> Iterator[Finding]:
    known = (scores.fields["score"] - matched_noise(scores)) / (scores.label or np.inf)
    for name, share in zip(names, known.tolist(), strict=True):
        if share >= LEAK_SHARE:
            message = (
                f"{name!r} says {share:.0%} of what a copy of the label says: check "
                "that it is known before the label is."
            )
            yield Finding("leak", (name,), message)
    if scores.one_class:
        num_blocks = scores.one_class + scores.num_blocks
        message = (
            f"{scores.one_class} of {num_blocks} blocks of rows have one label only, "
            "and say nothing: shuffle the rows."
        )
        yield Finding("one_class", (), message)
