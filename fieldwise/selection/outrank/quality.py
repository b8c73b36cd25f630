"""What is counted of every column of a table, in one pass and bounded memory."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import final

import numpy as np
import polars as pl

from fieldwise.selection.outrank.quality_report import (
    REPEATED,
    ColumnQuality,
    Finding,
    QualityReport,
)
from fieldwise.selection.outrank.raw_columns import RawColumns, value_name
from fieldwise.selection.outrank.tally import Tally

__all__ = ["Quality"]


@final
class Quality:
    """Counts what a report tells, chunk by chunk.

    Args:
        columns: what is read of the table.
    """

    def __init__(self, columns: RawColumns) -> None:
        self._columns = columns
        self._num_rows = 0
        self._num_missing = np.zeros(len(columns.names), dtype=np.int64)
        self._has_null = np.zeros(len(columns.names), dtype=bool)
        self._tallies = [Tally() for _ in columns.names]
        self._digests = [blake2b(digest_size=16) for _ in columns.names]

    def add(self, rows: pl.DataFrame, looked_at: pl.DataFrame) -> None:
        """Count a chunk.

        Args:
            rows: of the table.
            looked_at: their hashes.
        """
        self._num_rows += len(rows)
        self._num_missing += self._columns.missing(rows)
        hashes = [looked_at[value_name(name)] for name in self._columns.names]
        self._has_null |= [values.has_nulls() for values in hashes]
        plans = [
            tally.plan(values.alias("value").to_frame().lazy())
            for tally, values in zip(self._tallies, hashes, strict=True)
        ]
        counted = pl.collect_all(plans)
        for tally, counts in zip(self._tallies, counted, strict=True):
            tally.add(counts)
        for digest, values in zip(self._digests, hashes, strict=True):
            digest.update(values.fill_null(0).to_numpy().tobytes())

    def report(self, more: Iterable[Finding]) -> QualityReport:
        """Write the report.

        Args:
            more: what looks wrong besides constants and copies.

        Returns:
            The report.
        """
        columns = tuple(map(self._column, range(len(self._columns.names))))
        is_constant = [
            column.num_values + int(has_null) < 2
            for column, has_null in zip(columns, self._has_null, strict=True)
        ]
        findings = (*more, *self._constants(is_constant), *self._copies(is_constant))
        return QualityReport(self._num_rows, columns, findings)

    def _column(self, place: int) -> ColumnQuality:
        tally = self._tallies[place]
        counts = tally.counts()
        num_values = tally.num_values
        scale = num_values / max(1, len(counts))
        return ColumnQuality(
            name=self._columns.names[place],
            coverage=1 - int(self._num_missing[place]) / max(1, self._num_rows),
            num_values=num_values,
            is_exact=tally.is_exact,
            rare_share=float(np.mean(counts == 1)) if len(counts) else 0.0,
            repeated=tuple(
                round(scale * np.count_nonzero(counts > number)) for number in REPEATED
            ),
        )

    def _constants(self, is_constant: Sequence[bool]) -> Iterator[Finding]:
        for name, constant in zip(self._columns.names, is_constant, strict=True):
            if constant:
                message = f"{name!r} is the same in every row: leave it out."
                yield Finding("constant", (name,), message)

    def _copies(self, is_constant: Sequence[bool]) -> Iterator[Finding]:
        alike: dict[bytes, list[str]] = {}
        for place, name in enumerate(self._columns.names):
            if not is_constant[place]:
                alike.setdefault(self._digests[place].digest(), []).append(name)
        for names in alike.values():
            if len(names) > 1:
                first, *others = names
                copies = ", ".join(map(repr, others))
                message = f"{first!r} has the values of {copies}: keep one of them."
                yield Finding("copy", tuple(names), message)
