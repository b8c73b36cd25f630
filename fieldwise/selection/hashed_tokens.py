"""Encoded rows as bags of tokens, each in one of some buckets.

A token is a value of a field, ``site=a``, or the values of two fields, ``site=a`` and
``device=b``. An item of a sequence is a token, too, and those of one sequence together
weigh as much as one value; a number is a token by its tenth of the rows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_positive
from fieldwise.data._splitmix import splitmix64
from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import Schema

__all__ = ["HashedTokens"]

BLOCK_ROWS = 2**16
NUM_PIECES = 10
"""Of a number; a missing one has a piece of its own."""

SAMPLE_ROWS = 100_000
"""Rows, spread evenly, whose numbers decide where pieces end."""

Buckets = NDArray[np.int64]


@final
@dataclass(frozen=True, eq=False)
class HashedTokens:
    """How rows become tokens, and tokens buckets; the same on any machine.

    Memory holds one block of rows, whatever their number.

    Args:
        schema: of the rows.
        edges: where the pieces of each number end, rising.
        pairs: of columns whose values are read together: index fields first, then
            numbers.
        num_buckets: how many there are.
    """

    schema: Schema
    edges: tuple[NDArray[np.float64], ...]
    pairs: tuple[tuple[int, int], ...]
    num_buckets: int

    @classmethod
    def of(
        cls,
        dataset: Dataset,
        *,
        pairs: Sequence[tuple[str, str]] = (),
        num_buckets: int = 10_000,
    ) -> "HashedTokens":
        """Choose the tokens of a dataset.

        Args:
            dataset: rows; their numbers decide where pieces end.
            pairs: names of two fields each that are read together, no sequences.
            num_buckets: how many there are.

        Returns:
            The tokens.

        Raises:
            SchemaError: if there is no field to read, a field is a vector, or a pair
                is none of two other fields.
            DataError: if there is no row.
            ValueError: if ``num_buckets`` is not positive.
        """
        check_positive("num_buckets", num_buckets)
        schema = dataset.schema
        _check_fields(schema)
        if not len(dataset):
            message = "dataset must hold at least one row, got none."
            raise DataError(message)
        names = [f.name for f in (*schema.index_fields, *schema.number_fields)]
        known = set(names)
        strange = [pair for pair in pairs if not set(pair) <= known or len({*pair}) < 2]
        if strange:
            message = (
                f"pairs must be of two fields that are no sequences, got {strange}."
            )
            raise SchemaError(message)
        step = -(-len(dataset) // SAMPLE_ROWS)
        sample = _numbers(dataset, slice(0, len(dataset), step))
        return cls(
            schema=schema,
            edges=tuple(map(_edges, sample.T)),
            pairs=tuple((names.index(a), names.index(b)) for a, b in pairs),
            num_buckets=num_buckets,
        )

    @property
    def per_row(self) -> int:
        """What the tokens of a row weigh together, if no sequence is empty."""
        return len(self.schema) + len(self.pairs)

    def counts(self, dataset: Dataset) -> NDArray[np.float64]:
        """Count the tokens of all rows.

        Args:
            dataset: rows of the same schema.

        Returns:
            How often each bucket is hit, ``(bucket,)``.
        """
        found = np.zeros(self.num_buckets)
        for start, stop in _blocks(dataset):
            for buckets in self._of_fields(dataset, start, stop):
                found += np.bincount(buckets, minlength=self.num_buckets)
            for buckets, _, shares in self._of_items(dataset, start, stop):
                found += np.bincount(buckets, shares, minlength=self.num_buckets)
        return found

    def sums(
        self, dataset: Dataset, values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Add up a number per bucket over the tokens of each row.

        Args:
            dataset: rows of the same schema.
            values: one per bucket, ``(bucket,)``.

        Returns:
            The sums, ``(row,)``.
        """
        found = np.zeros(len(dataset))
        for start, stop in _blocks(dataset):
            block = found[start:stop]
            for buckets in self._of_fields(dataset, start, stop):
                block += values[buckets]
            for buckets, rows, shares in self._of_items(dataset, start, stop):
                block += np.bincount(rows, shares * values[buckets], len(block))
        return found

    def _of_fields(self, dataset: Dataset, start: int, stop: int) -> Iterator[Buckets]:
        """The buckets of some rows, one array for each field and pair."""
        hashed = self._hash
        columns = self._columns(dataset, start, stop)
        for column in columns:
            yield hashed(column)
        for one, other in self.pairs:
            # Keys of values end where those of pairs begin.
            yield hashed((columns[one] + 1) * self._num_keys + columns[other])

    def _of_items(
        self, dataset: Dataset, start: int, stop: int
    ) -> Iterator[tuple[Buckets, NDArray[np.int64], NDArray[np.float64]]]:
        """Buckets of the items of each sequence, their rows, and what they weigh."""
        for ragged in dataset.sequences:
            ends = ragged.offsets[start : stop + 1]
            lengths = np.diff(ends)
            items = ragged.values[ends[0] : ends[-1]].astype(np.int64)
            rows = np.repeat(np.arange(stop - start), lengths)
            yield self._hash(items), rows, 1.0 / lengths[rows]

    def _columns(self, dataset: Dataset, start: int, stop: int) -> list[Buckets]:
        """Keys of the values of index fields and numbers."""
        indices = dataset.rows[start:stop, : dataset.layout.num_indices]
        columns = list(np.ascontiguousarray(indices.T).astype(np.int64))
        first = self.schema.num_features
        for edges, column in zip(
            self.edges, _numbers(dataset, slice(start, stop)).T, strict=True
        ):
            pieces = np.searchsorted(edges, column, side="right")
            pieces[np.isnan(column)] = NUM_PIECES
            columns.append(first + pieces)
            first += NUM_PIECES + 1
        return columns

    @property
    def _num_keys(self) -> int:
        return self.schema.num_features + len(self.edges) * (NUM_PIECES + 1)

    @property
    def _hash(self) -> Callable[[Buckets], Buckets]:
        num_buckets = np.uint64(self.num_buckets)

        def hashed(keys: Buckets) -> Buckets:
            bits = splitmix64(keys.astype(np.uint64), seed=0)
            return (bits % num_buckets).astype(np.int64)

        return hashed


def _check_fields(schema: Schema) -> None:
    vectors = [field.name for field in schema.vector_fields]
    if vectors:
        message = (
            f"fields must not be vectors to be read as tokens, got {vectors}. Leave "
            "them out with view_fields; the numbers of rows stay the same."
        )
        raise SchemaError(message)
    if not len(schema):
        message = "schema must have a field, got none."
        raise SchemaError(message)


def _blocks(dataset: Dataset) -> Iterator[tuple[int, int]]:
    for start in range(0, len(dataset), BLOCK_ROWS):
        yield start, min(start + BLOCK_ROWS, len(dataset))


def _numbers(dataset: Dataset, rows: slice) -> NDArray[np.float32]:
    bits = np.ascontiguousarray(dataset.rows[rows, dataset.layout.numbers])
    return bits.view(np.float32)


def _edges(column: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where pieces of equally many rows end; fewer where many numbers are equal."""
    seen = column[~np.isnan(column)].astype(np.float64)
    if not len(seen):
        return np.empty(0)
    return np.unique(np.quantile(seen, np.arange(1, NUM_PIECES) / NUM_PIECES))
