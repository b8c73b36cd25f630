"""Encoded rows with further fields that no method should keep: noise and copies.

A noise field is a field of the table with its rows in random order: as many values, as
often, and no relation to the label. A method that keeps it measures how many values a
field has. A copy tells nothing that its original does not tell: a method that keeps
both cannot see redundancy.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.importance import Importance
from fieldwise.schema import Schema
from fieldwise.selection import RankingData

__all__ = ["Planted", "plant"]

MOST_NOISE, MOST_COPIES = 5, 2
MOST_ROWS = 1_000_000
"""Of a part: what a method does with noise shows in so many rows, too."""


@final
@dataclass(frozen=True)
class Planted:
    """Rows with planted fields, and their names.

    Args:
        data: the rows by purpose.
        noise: names of the noise fields.
        copies: names of the copies, and of their originals.
    """

    data: RankingData
    noise: tuple[str, ...]
    copies: dict[str, str]

    def noise_share(self, importance: Importance, k: int) -> float:
        """Say how much noise a method keeps.

        Args:
            importance: scores of all fields, the planted ones among them.
            k: how many fields are kept.

        Returns:
            Noise fields as share of those that are kept.
        """
        kept = set(importance.ranked[:k])
        return len(kept.intersection(self.noise)) / k

    def copies_kept(self, importance: Importance, k: int) -> int:
        """Count the copies that are kept beside their originals.

        Args:
            importance: scores of all fields, the planted ones among them.
            k: how many fields are kept.

        Returns:
            Their number.
        """
        kept = set(importance.ranked[:k])
        return sum({copy, source} <= kept for copy, source in self.copies.items())


def plant(data: RankingData, *, seed: int) -> Planted | None:
    """Plant noise and copies beside the fields of a table.

    Args:
        data: encoded rows by purpose.
        seed: of the choice of fields, and of the order of the rows of noise.

    Returns:
        Rows with up to five noise fields and two copies, of categorical and numeric
        fields; None where there are no such fields.
    """
    schema = data.schema
    drawn = np.random.default_rng(seed).permutation(
        [field.name for field in (*schema.index_fields, *schema.number_fields)]
    )
    names = [str(name) for name in drawn]
    if not names:
        return None
    noise = {f"{name} (shuffled)": name for name in names[:MOST_NOISE]}
    copies = {f"{name} (copy)": name for name in names[-MOST_COPIES:]}
    planted = noise | copies
    fields = [replace(schema[source], name=name) for name, source in planted.items()]
    wider = replace(schema, fields=(*schema.fields, *fields))
    parts = [
        _widen(part, wider, planted, noise=noise, seed=(seed, number))
        for number, part in enumerate((data.train, data.gate, data.stop))
    ]
    return Planted(RankingData(*parts), tuple(noise), copies)


def _widen(
    dataset: Dataset,
    wider: Schema,
    planted: Mapping[str, str],
    *,
    noise: Collection[str],
    seed: tuple[int, int],
) -> Dataset:
    """Add the columns of planted fields."""
    if len(dataset) > MOST_ROWS:
        dataset = dataset.take(np.linspace(0, len(dataset) - 1, MOST_ROWS, dtype=int))
    schema, rows, numbers = dataset.schema, dataset.rows, dataset.layout.numbers
    generator = np.random.default_rng(seed)
    fields = [*schema.index_fields, *schema.number_fields]
    columns = {field.name: column for column, field in enumerate(fields)}
    starts, new_starts = _starts(schema), _starts(wider)
    added: dict[bool, list[NDArray[np.int32]]] = {True: [], False: []}
    for name, source in planted.items():
        column = rows[:, columns[source]]
        if name in noise:
            column = generator.permutation(column)
        shift = np.int32(new_starts.get(name, 0) - starts.get(source, 0))
        added[name in new_starts].append(column + shift)
    parts = [rows[:, : numbers.start], *added[True], rows[:, numbers], *added[False]]
    shift = np.int32(wider.num_features - schema.num_features)
    origin = f"{dataset.checksum()} {wider.names} {seed}"
    return Dataset(
        wider,
        np.column_stack([*parts, rows[:, numbers.stop :]]),
        [Ragged(lists.values + shift, lists.offsets) for lists in dataset.sequences],
        labelled=dataset.labelled,
        fingerprint=hashlib.sha256(origin.encode()).hexdigest(),
    )


def _starts(schema: Schema) -> dict[str, int]:
    """First row of each index field in the shared table."""
    names = [field.name for field in schema.index_fields]
    return dict(zip(names, schema.table_offsets, strict=False))
