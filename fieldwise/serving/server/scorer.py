"""Checked rows to predictions: a few, many in parts, or some that share values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.batch import Batch
from fieldwise.data.encoding import encode_frame
from fieldwise.ranker import Ranker
from fieldwise.ranker.plain_scorer import PlainScorer
from fieldwise.ranker.rows import MAX_PLAIN_ROWS
from fieldwise.scoring import score_batches
from fieldwise.serving.server.batch_parts import split_batch
from fieldwise.serving.server.columns import Columns
from fieldwise.serving.server.core_threads import in_parts
from fieldwise.serving.server.shared_rows import encode_shared
from fieldwise.serving.server.unknown_values import UnknownValues

__all__ = ["Observer", "Scored", "Scorer"]

CHUNK_ROWS = 8192
PART_ROWS = 128
"""Fewer rows are not worth another thread."""

Array = NDArray[np.float64]
Observer: TypeAlias = Callable[[Batch, Array], None]
"""Is told of every batch and what was said of its rows, ``(row, task)``."""


@final
@dataclass(frozen=True)
class Scored:
    """What was said of some rows.

    Args:
        values: probabilities, or values of a real label, ``(row, task)``.
        unknown: how many values are unknown, by field; fields without any left out.
    """

    values: Array
    unknown: dict[str, int]


@final
class Scorer:
    """Scores rows with a ranker. Threads share it.

    Args:
        ranker: loaded; must not be changed afterwards.
        threads: that share the work on many rows with one context.

    Attributes:
        ranker: the same.
        observe: told of all that is scored, if set.
    """

    def __init__(self, ranker: Ranker, *, threads: int = 1) -> None:
        self.ranker = ranker
        self._threads = threads
        self.observe: Observer | None = None
        self._plain = PlainScorer(ranker.encoder, ranker.model)
        self._unknown = UnknownValues(ranker.schema)

    def score_together(self, requests: Sequence[Columns]) -> list[Scored]:
        """Score the rows of several requests in one pass of the model.

        Args:
            requests: of at most ``MAX_PLAIN_ROWS`` rows in all, unless it is only one.

        Returns:
            What is said of each; the same as if each had come alone, up to the last
            digits of a float32.
        """
        if len(requests) == 1 and requests[0].num_rows > MAX_PLAIN_ROWS:
            return [self.score_frame(requests[0].frame())]
        encoded = self._plain.encode([row for part in requests for row in part.rows()])
        if encoded is None:
            return [self.score_frame(part.frame()) for part in requests]
        batch, values = encoded[0], self._values(encoded[0])
        found, start = [], 0
        for part in requests:
            rows = slice(start, start + part.num_rows)
            found.append(Scored(values[rows], self._unknown.count(batch, rows)))
            start += part.num_rows
        return found

    def score_frame(self, frame: pl.DataFrame) -> Scored:
        """Score a table, in parts.

        Args:
            frame: raw rows with every field.

        Returns:
            What is said of the rows.
        """
        values, unknown = [], dict[str, int]()
        for chunk in frame.iter_slices(CHUNK_ROWS):
            batch = self._encode(chunk)
            values.append(self._values(batch))
            for name, count in self._unknown.count(batch).items():
                unknown[name] = unknown.get(name, 0) + count
        return Scored(np.concatenate(values), unknown)

    def score_shared(self, context: Columns, candidates: Columns) -> Array:
        """Score rows that share the values of some fields.

        Args:
            context: one row of these fields, possibly of none.
            candidates: rows of all other fields, possibly of none.

        Returns:
            Probabilities or values, ``(row, task)``.
        """
        first = {name: values[0] for name, values in candidates.values.items()}
        row = {name: values[0] for name, values in context.values.items()} | first
        encoded = self._plain.encode([row])
        if encoded is None:
            rules = (*context.rules, *candidates.rules)
            columns = {name: [value] for name, value in row.items()}
            whole = self._encode(Columns(1, columns, rules).frame())
        else:
            whole = encoded[0]
        batch = encode_shared(self.ranker.encoder, whole, candidates)
        return self._calibrated(batch, self._shared_logits(batch))

    def _shared_logits(self, batch: Batch) -> Array:
        """Logits, by several threads where there is enough to share."""
        num_parts = min(self._threads, -(-len(batch) // PART_ROWS))
        return np.concatenate(in_parts(self._logits, split_batch(batch, num_parts)))

    def _logits(self, batch: Batch) -> Array:
        logits = self._plain.logits(batch)
        return score_batches(self.ranker.model, [batch]) if logits is None else logits

    def _encode(self, frame: pl.DataFrame) -> Batch:
        rows = encode_frame(self.ranker.encoder, frame, labelled=False)
        return rows.batch(slice(None))

    def _values(self, batch: Batch) -> Array:
        if len(batch) <= MAX_PLAIN_ROWS:
            return self._calibrated(batch, self._logits(batch))
        return self._calibrated(batch, score_batches(self.ranker.model, [batch]))

    def _calibrated(self, batch: Batch, logits: Array) -> Array:
        values = self.ranker.calibrate(logits).reshape(len(batch), -1)
        if self.observe is not None:
            self.observe(batch, values)
        return values
