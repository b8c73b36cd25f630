"""Encoded rows reduced to some of their fields, without encoding again.

Vocabularies, scales and edges belong to one field each, so the rows are those that an
encoder fitted to the reduced schema would write: other columns go, and indices move up
in the shared table.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._new_folder import new_folder
from fieldwise.data.dataset import Dataset, Ragged, write_manifest
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.data.encoder import Encoder
from fieldwise.data.writer import RowWriter
from fieldwise.schema import Schema

__all__ = ["IN_MEMORY", "view_fields", "view_parts"]

IN_MEMORY = 2**29
"""Bytes of a part that is not worth a file."""
BLOCK_ROWS = 2**16

Rows = NDArray[np.int32]
Lists = tuple[NDArray[np.int32], NDArray[np.int64]]


@final
@dataclass(frozen=True)
class _View:
    """What becomes of each column that stays.

    Args:
        columns: of the matrix, in their new order.
        shifts: added to each index column, which come first.
        sequences: number of each sequence that stays, and what is added to its items.
    """

    columns: NDArray[np.intp]
    shifts: NDArray[np.int32]
    sequences: tuple[tuple[int, np.int32], ...]

    @classmethod
    def of(cls, dataset: Dataset, schema: Schema) -> "_View":
        old, layout = dataset.schema, dataset.layout
        looked_up = [field.name for field in (*old.index_fields, *old.sequence_fields)]
        starts = dict(zip(looked_up, old.table_offsets, strict=True))
        kept = [name for name in looked_up if name in schema]
        moved = np.array(
            [
                new - starts[name]
                for name, new in zip(kept, schema.table_offsets, strict=True)
            ],
            dtype=np.int32,
        )
        indices = [p for p, f in enumerate(old.index_fields) if f.name in schema]
        numbers = [
            layout.numbers.start + place
            for place, field in enumerate(old.number_fields)
            if field.name in schema
        ]
        vectors = [
            column
            for part, field in zip(layout.vectors, old.vector_fields, strict=True)
            if field.name in schema
            for column in range(part.start, part.stop)
        ]
        roles = range(layout.labels.start, layout.width)
        sequences = [p for p, f in enumerate(old.sequence_fields) if f.name in schema]
        return cls(
            columns=np.array([*indices, *numbers, *vectors, *roles], dtype=np.intp),
            shifts=moved[: len(indices)],
            sequences=tuple(zip(sequences, moved[len(indices) :], strict=True)),
        )

    def rows(self, dataset: Dataset, start: int, stop: int) -> tuple[Rows, list[Lists]]:
        """Some rows as they shall be, and items and lengths of their sequences."""
        matrix = np.take(dataset.rows[start:stop], self.columns, axis=1)
        matrix[:, : len(self.shifts)] += self.shifts
        lists = []
        for number, shift in self.sequences:
            ragged = dataset.sequences[number]
            ends = ragged.offsets[start : stop + 1]
            lists.append((ragged.values[ends[0] : ends[-1]] + shift, np.diff(ends)))
        return matrix, lists


def view_fields(
    dataset: Dataset, names: Sequence[str], *, folder: Path | None = None
) -> Dataset:
    """Reduce encoded rows to some fields.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> fields = [
        ...     CategoricalField(name, num_features=size, value_type="string")
        ...     for name, size in (("site", 3), ("device", 2))
        ... ]
        >>> rows = np.array([[1, 4], [2, 3]], dtype=np.int32)
        >>> dataset = Dataset(Schema(tuple(fields)), rows, labelled=False)
        >>> view_fields(dataset, ["device"]).rows.tolist()
        [[1], [0]]

    Args:
        dataset: encoded rows.
        names: the fields that stay; their order does not matter.
        folder: a new folder for the rows, written block by block; None keeps them in
            memory.

    Returns:
        The rows with ``schema.select(names)``; the very same dataset where all fields
        stay.

    Raises:
        SchemaError: if a name is not a field, or there is none.
    """
    schema = dataset.schema.select(names)
    if schema == dataset.schema:
        return dataset
    view = _View.of(dataset, schema)
    origin = f"{dataset.checksum()} {schema.names}"
    fingerprint = hashlib.sha256(origin.encode()).hexdigest()
    if folder is None:
        matrix, lists = view.rows(dataset, 0, len(dataset))
        sequences = [
            Ragged(items, np.concatenate([[0], np.cumsum(lengths)]))
            for items, lengths in lists
        ]
        return Dataset(
            schema,
            matrix,
            sequences,
            labelled=dataset.labelled,
            fingerprint=fingerprint,
        )
    with new_folder(folder) as partial:
        with RowWriter(partial, len(view.sequences)) as writer:
            for start in range(0, len(dataset), BLOCK_ROWS):
                stop = min(start + BLOCK_ROWS, len(dataset))
                writer.append(*view.rows(dataset, start, stop))
        write_manifest(
            partial,
            schema,
            num_rows=len(dataset),
            labelled=dataset.labelled,
            fingerprint=fingerprint,
        )
    return Dataset.open(folder)


def view_parts(
    encoded: EncodedParts, names: Sequence[str], folder: Path
) -> EncodedParts:
    """Reduce all encoded parts, and their encoder, to some fields.

    Args:
        encoded: the parts; they must stay open while the view is used.
        names: the fields that stay; their order does not matter.
        folder: where parts that are large go; it need not exist, and small parts stay
            in memory.

    Returns:
        The parts as if the reduced schema had been encoded.

    Raises:
        SchemaError: if a name is not a field, or there is none.
    """
    whole = encoded.encoder
    schema = whole.schema.select(names)
    vocabularies = {
        name: vocabulary
        for name, vocabulary in whole.vocabularies.items()
        if name in schema
    }
    datasets = {
        part: view_fields(
            dataset,
            schema.names,
            folder=folder / part if dataset.num_bytes > IN_MEMORY else None,
        )
        for part, dataset in encoded.datasets.items()
    }
    shares = {
        part: {name: share for name, share in found.items() if name in schema}
        for part, found in encoded.unknown_shares.items()
    }
    return EncodedParts(Encoder(schema, vocabularies), datasets, shares)
