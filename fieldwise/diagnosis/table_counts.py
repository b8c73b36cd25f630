"""How often each value of each field comes in a table, in one pass, bounded memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.columns import check_columns
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.loader import Loader
from fieldwise.data.values import is_missing
from fieldwise.diagnosis.float_counts import NUM_BINS, bin_floats
from fieldwise.errors import DataError
from fieldwise.ranker import Ranker
from fieldwise.ranker.rows import read_rows
from fieldwise.ranker.streaming import encoded_chunks
from fieldwise.schema import VectorField
from fieldwise.scoring import score_batches

__all__ = ["TableCounts", "count_table"]

SCORING_BATCH = 8192

Counts = NDArray[np.int64]


@final
@dataclass(frozen=True)
class TableCounts:
    """What is counted of a table.

    Args:
        num_rows: of the table.
        fields: by field, how often each value came in the first half of the rows and
            in the second, ``(2, value)``: indices of the vocabulary or bucket, or bins
            of ``bin_floats`` of the standardised number. Every item of a list counts.
        missing: by field, the share of rows without a value, in [0, 1].
        logits: by label, bins of the logits, ``(2, bin)``; empty without a model.
        means: by label, the mean of what the ranker says; empty without a model.
    """

    num_rows: int
    fields: Mapping[str, Counts]
    missing: Mapping[str, float]
    logits: Mapping[str, Counts]
    means: Mapping[str, float]


def count_table(
    encoder: Encoder,
    data: Any,  # noqa: ANN401
    *,
    ranker: Ranker | None = None,
) -> TableCounts:
    """Count the values of a table as an encoder sees them.

    Args:
        encoder: the fitted encoder.
        data: a frame, file, Arrow table, dict or list of dicts; read in chunks.
        ranker: of this encoder, scores the rows as well.

    Returns:
        The counts; fields of vectors have none.

    Raises:
        DataError: if there are no rows.
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    frame = read_rows(data, encoder.schema)
    check_columns(encoder.schema, frame.collect_schema(), labelled=False)
    num_rows, missing = _missing(encoder, frame)
    if not num_rows:
        message = "data must have at least one row, got none."
        raise DataError(message)
    halves = [_Counter(encoder, ranker), _Counter(encoder, ranker)]
    start, middle = 0, (num_rows + 1) // 2
    for chunk in encoded_chunks(encoder, frame, ()):
        for half, rows in zip(halves, _cut(chunk.rows, middle - start), strict=True):
            if rows is not None:
                half.add(rows)
        start += len(chunk.rows)
    first, second = halves
    sums = first.sums + second.sums
    labels = () if ranker is None else ranker.schema.label_names
    return TableCounts(
        num_rows=num_rows,
        fields={n: np.stack([first.fields[n], second.fields[n]]) for n in first.fields},
        missing=missing,
        logits={n: np.stack([first.logits[n], second.logits[n]]) for n in first.logits},
        means=dict(zip(labels, (sums / num_rows).tolist(), strict=True)),
    )


def _cut(rows: Dataset, place: int) -> tuple[Dataset | None, Dataset | None]:
    """The rows before a place and those from it on; nothing is copied in vain."""
    if place >= len(rows):
        return rows, None
    if place <= 0:
        return None, rows
    return rows.take(np.arange(place)), rows.take(np.arange(place, len(rows)))


def _missing(encoder: Encoder, frame: pl.LazyFrame) -> tuple[int, dict[str, float]]:
    types = frame.collect_schema()
    asked = []
    for name in encoder.schema.names:
        absent = is_missing(pl.col(name), types[name])
        if isinstance(types[name], pl.List):
            absent = absent | (pl.col(name).list.len() == 0).fill_null(value=False)
        asked.append(absent.sum().alias(f"field {name}"))
    found = frame.select(pl.len().alias("rows"), *asked).collect(engine="streaming")
    num_rows, *absences = found.row(0)
    shares = [int(absence) / max(1, num_rows) for absence in absences]
    return int(num_rows), dict(zip(encoder.schema.names, shares, strict=True))


@final
class _Counter:
    """Counts one half of a table."""

    def __init__(self, encoder: Encoder, ranker: Ranker | None) -> None:
        schema = encoder.schema
        self._ranker = ranker
        # In the order of the schema, of which those of numbers have no table.
        self.fields = {
            field.name: np.zeros(NUM_BINS, dtype=np.int64)
            for field in schema
            if not isinstance(field, VectorField)
        }
        looked_up = (*schema.index_fields, *schema.sequence_fields)
        self._starts = dict(
            zip([field.name for field in looked_up], schema.table_offsets, strict=True)
        )
        for one in looked_up:
            self.fields[one.name] = np.zeros(one.num_features or 0, dtype=np.int64)
        labels = () if ranker is None else schema.label_names
        self.logits = {label: np.zeros(NUM_BINS, dtype=np.int64) for label in labels}
        self.sums = np.zeros(len(labels))

    def add(self, rows: Dataset) -> None:
        schema, layout = rows.schema, rows.layout
        for place, field in enumerate(schema.index_fields):
            self._look_up(field.name, rows.rows[:, place])
        for lists, sequence in zip(rows.sequences, schema.sequence_fields, strict=True):
            self._look_up(sequence.name, lists.values)
        numbers = np.ascontiguousarray(rows.rows[:, layout.numbers]).view(np.float32)
        for number, column in zip(schema.number_fields, numbers.T, strict=True):
            _count(self.fields[number.name], bin_floats(column))
        if self._ranker is not None:
            self._score(self._ranker, rows)

    def _look_up(self, name: str, indices: NDArray[np.int32]) -> None:
        _count(self.fields[name], indices - self._starts[name])

    def _score(self, ranker: Ranker, rows: Dataset) -> None:
        batches = Loader(rows, batch_size=SCORING_BATCH).epoch(0)
        logits = score_batches(ranker.model, batches)
        self.sums += ranker.calibrate(logits).reshape(len(rows), -1).sum(axis=0)
        columns = logits.reshape(len(rows), -1).T.astype(np.float32)
        for counts, column in zip(self.logits.values(), columns, strict=True):
            _count(counts, bin_floats(column))


def _count(counts: Counts, values: NDArray[np.integer[Any]]) -> None:
    """Add without going through all values there are, which may be millions."""
    if len(values) < len(counts):
        found, times = np.unique(values, return_counts=True)
        counts[found] += times
    else:
        counts += np.bincount(values, minlength=len(counts))
