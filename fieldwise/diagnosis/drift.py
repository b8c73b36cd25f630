"""How far a table is from an older one, field by field, and what that does to scores.

Source: Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on
Information Theory 1991.
Differences from the paper: a divergence is compared with what chance makes of tables of
these sizes, and with what the two halves of the older table differ by, so that neither
a small table nor the usual change from one week to the next raises an alarm.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.encoder import Encoder
from fieldwise.diagnosis.divergence import (
    chance_level,
    divergence_terms,
    jensen_shannon,
    stability_index,
)
from fieldwise.diagnosis.float_counts import MISSING_BIN, bin_floors, quantile_starts
from fieldwise.diagnosis.table_counts import TableCounts, count_table
from fieldwise.diagnosis.value_texts import (
    NULL,
    interval_texts,
    raw_numbers,
    value_texts,
)
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.ranker import Ranker
from fieldwise.ranker.rows import read_rows
from fieldwise.schema import CategoricalField, NumericField, Schema, SequenceField

__all__ = ["Drift", "FieldDrift", "MovedValue", "Movement", "ScoreDrift", "find_drift"]

NUM_BUCKETS = 20
NUM_MOVED = 5

Counts = NDArray[np.int64]


@final
@dataclass(frozen=True)
class MovedValue:
    """A value whose share has changed.

    Args:
        value: its text.
        before: share in the older table, in [0, 1].
        after: share in the newer one.
    """

    value: str
    before: float
    after: float


@final
@dataclass(frozen=True)
class Movement:
    """How far a distribution has moved.

    Args:
        divergence: of Jensen and Shannon, nats, in [0, ln 2].
        chance: what chance alone exceeds once in a thousand times, nats.
        within: divergence of the first half of the older table from its second, nats.
        stability_index: the population stability index, nats.
        moved: the values that add most to the divergence, most first.
    """

    divergence: float
    chance: float
    within: float
    stability_index: float
    moved: tuple[MovedValue, ...]

    @property
    def noise(self) -> float:
        """What a divergence must exceed to mean anything, nats."""
        return max(self.chance, self.within)

    @property
    def is_drift(self) -> bool:
        """Whether it does."""
        return self.divergence > self.noise


@final
@dataclass(frozen=True)
class FieldDrift:
    """What has become of the values of a field.

    Args:
        name: of the field.
        movement: of its values; of numbers in buckets.
        unknown: share of values the ranker does not know, before and after; 0 for
            numbers.
        missing: share of rows without a value, before and after.
    """

    name: str
    movement: Movement
    unknown: tuple[float, float]
    missing: tuple[float, float]


@final
@dataclass(frozen=True)
class ScoreDrift:
    """What has become of what a ranker says.

    Args:
        label: what it says it of.
        movement: of the logits, in buckets.
        mean: probability or value, before and after.
    """

    label: str
    movement: Movement
    mean: tuple[float, float]


@final
@dataclass(frozen=True)
class Drift:
    """How far a table is from an older one.

    Args:
        num_rows: of the older and the newer table.
        fields: in the order of the schema, those of vectors left out.
        scores: by label; none without a ranker.
        fingerprint: checksum of all that was counted.
    """

    num_rows: tuple[int, int]
    fields: tuple[FieldDrift, ...]
    scores: tuple[ScoreDrift, ...]
    fingerprint: str

    @property
    def drifted(self) -> tuple[str, ...]:
        """Fields that moved farther than noise, most moved first."""
        return self._ranked({f.name for f in self.fields if f.movement.is_drift})

    @property
    def usual(self) -> tuple[str, ...]:
        """Fields that moved by more than chance, yet no farther than within the older.

        Where that table is sorted by the field, this means nothing.
        """
        moves = ((field.name, field.movement) for field in self.fields)
        far = {n for n, m in moves if m.chance < m.divergence <= m.within}
        return self._ranked(far)

    def _ranked(self, chosen: set[str]) -> tuple[str, ...]:
        return tuple(str(name) for name in self.importance().ranked if name in chosen)

    def importance(self) -> Importance:
        """The fields by how far their values moved.

        Returns:
            Jensen-Shannon divergences in nats; the details are those of ``Movement``
            and ``FieldDrift``.
        """
        moves = [field.movement for field in self.fields]
        columns: dict[str, list[float]] = {
            "noise": [move.noise for move in moves],
            "chance": [move.chance for move in moves],
            "within": [move.within for move in moves],
            "stability_index": [move.stability_index for move in moves],
        }
        for place, when in enumerate(("before", "after")):
            unknown = [field.unknown[place] for field in self.fields]
            missing = [field.missing[place] for field in self.fields]
            columns |= {f"unknown_{when}": unknown, f"missing_{when}": missing}
        return Importance(
            unit="field",
            names=tuple(field.name for field in self.fields),
            scores=np.array([move.divergence for move in moves]),
            meaning="Jensen-Shannon divergence from the older table, nats",
            method="drift",
            data_fingerprint=self.fingerprint,
            seed=0,
            details={name: np.array(column) for name, column in columns.items()},
        )

    def to_dict(self) -> dict[str, Any]:
        """The drift as plain JSON types."""
        lists = {"drifted": list(self.drifted), "usual": list(self.usual)}
        return {**asdict(self), **lists}


def find_drift(
    reader: Ranker | Encoder | Schema,
    before: Any,  # noqa: ANN401
    after: Any,  # noqa: ANN401
) -> Drift:
    """Compare the values of a table with those of an older one.

    Both are read once, in chunks; labels are not needed and weights not used. Numbers
    are compared in buckets: those of their encoding, or twenty of equal counts in the
    older table. Items of a list count one by one, as if they were independent.

    Examples:
        ``find_drift(ranker, "train.parquet", "today.parquet").drifted`` names fields.

    Args:
        reader: what the values are seen through: a ranker, which also scores the rows;
            a fitted encoder; or a schema, whose vocabularies are then learned from the
            older table.
        before: a frame, file, Arrow table, dict or list of dicts, in the order of time;
            best not the rows the vocabulary was learned from, of which fewer values are
            unknown than of any others.
        after: the same of later.

    Returns:
        The drift.

    Raises:
        DataError: if a table has no rows, or the schema nothing but vectors.
        SchemaError: if columns are missing or cannot be read; all are listed.
    """
    ranker = reader if isinstance(reader, Ranker) else None
    encoder = _encoder(reader, before)
    old = count_table(encoder, before, ranker=ranker)
    new = count_table(encoder, after, ranker=ranker)
    if not old.fields:
        message = "reader must have a field that is no vector, got vectors only."
        raise DataError(message)
    scores = [
        ScoreDrift(
            label,
            _movement_of_floats(old.logits[label], new.logits[label], None),
            (old.means[label], new.means[label]),
        )
        for label in old.logits
    ]
    return Drift(
        num_rows=(old.num_rows, new.num_rows),
        fields=tuple(_field_drift(encoder, name, old, new) for name in old.fields),
        scores=tuple(scores),
        fingerprint=_fingerprint((old, new)),
    )


def _encoder(reader: Ranker | Encoder | Schema, before: Any) -> Encoder:  # noqa: ANN401
    if isinstance(reader, Ranker):
        return reader.encoder
    if isinstance(reader, Encoder):
        return reader
    fields = replace(reader, labels=(), weight=None, group=None, time=None)
    return Encoder.fit(read_rows(before, fields), fields)


def _field_drift(
    encoder: Encoder, name: str, old: TableCounts, new: TableCounts
) -> FieldDrift:
    field, pair = encoder.schema[name], (old.fields[name], new.fields[name])
    unknown = (0.0, 0.0)
    if isinstance(field, NumericField) and not field.is_bucketed:
        movement = _movement_of_floats(*pair, field)
    else:
        movement = _movement(*pair, lambda indices: value_texts(encoder, name, indices))
    if isinstance(field, CategoricalField | SequenceField):
        before, after = (float(x[:, 0].sum() / x.sum()) for x in pair)
        unknown = (before, after)
    missing = (old.missing[name], new.missing[name])
    return FieldDrift(name, movement, unknown, missing)


def _movement_of_floats(
    old: Counts, new: Counts, field: NumericField | None
) -> Movement:
    """Of bins, joined to buckets of equal counts in the older table."""
    starts = quantile_starts(old[:, :MISSING_BIN].sum(axis=0), NUM_BUCKETS)
    edges = bin_floors(starts[1:])
    texts = interval_texts(edges if field is None else raw_numbers(field, edges))
    texts.append(NULL)
    cuts = [*starts, MISSING_BIN]
    old, new = (np.add.reduceat(counts, cuts, axis=1) for counts in (old, new))
    return _movement(old, new, lambda places: [texts[place] for place in places])


def _movement(
    old: Counts, new: Counts, name_values: Callable[[list[int]], list[str]]
) -> Movement:
    before, after = old.sum(axis=0), new.sum(axis=0)
    terms = divergence_terms(before, after)
    order = np.argsort(-terms, kind="stable")[:NUM_MOVED]
    places = order[terms[order] > 0].tolist()
    shares = zip(
        name_values(places),
        (before[places] / before.sum()).tolist(),
        (after[places] / after.sum()).tolist(),
        strict=True,
    )
    return Movement(
        divergence=float(terms.sum()),
        chance=chance_level(before, after).most,
        within=jensen_shannon(*old) if old.any(axis=1).all() else 0.0,
        stability_index=stability_index(before, after),
        moved=tuple(MovedValue(*share) for share in shares),
    )


def _fingerprint(tables: Iterable[TableCounts]) -> str:
    digest = hashlib.sha256()
    for table in tables:
        for counts in (*table.fields.values(), *table.logits.values()):
            digest.update(np.ascontiguousarray(counts).data)
    return digest.hexdigest()
