"""Categorical and sequence fields of a few rows: every name looked up in one search."""

from collections.abc import Hashable, Iterable
from itertools import chain
from typing import Any, final

from fieldwise.data.encoder import Encoder
from fieldwise.data.plain_columns import (
    PlainRows,
    UnsureError,
    check_one_type,
    plain_column,
    plain_lists,
)
from fieldwise.data.plain_values import PLAIN_FORMS, PlainForms, Verdict
from fieldwise.data.value_index import ValueIndex
from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.schema import CategoricalField, SequenceField

__all__ = ["PlainNames"]


@final
class _Draft:
    """Rows of the shared table; a look-up must still fill in some of them."""

    def __init__(self, index: ValueIndex) -> None:
        self.rows: list[int] = []
        self._index = index
        self._targets: list[int] = []
        self._places: list[int] = []
        self._keys: list[Hashable] = []

    def add(self, place: int, values: Iterable[Any], forms: PlainForms) -> None:
        rows = self.rows
        for value in values:
            if value is None:
                rows.append(self._index.missing_rows[place])
                continue
            form = forms.get(type(value))
            key = Verdict.UNSURE if form is None else form(value)
            if type(key) is not Verdict:
                self._targets.append(len(rows))
                self._places.append(place)
                self._keys.append(key)
                rows.append(UNKNOWN)
            elif key is Verdict.UNSURE:
                raise UnsureError
            else:
                is_missing = key is Verdict.MISSING
                known = self._index.missing_rows if is_missing else self._unknown
                rows.append(known[place])

    def look_up(self) -> None:
        found = self._index.find(self._places, self._keys)
        for target, place, key, row in zip(
            self._targets, self._places, self._keys, found, strict=True
        ):
            if row == self._unknown[place]:
                _check_text(key)
            self.rows[target] = row

    @property
    def _unknown(self) -> list[int]:
        return self._index.unknown_rows


@final
class PlainNames:
    """Finds the table rows of names. Read-only, so threads share it.

    Args:
        encoder: the fitted encoder.
    """

    def __init__(self, encoder: Encoder) -> None:
        schema = encoder.schema
        names = [f.name for f in (*schema.index_fields, *schema.sequence_fields)]
        offsets = dict(zip(names, schema.table_offsets, strict=True))
        categorical = [
            f for f in schema.index_fields if isinstance(f, CategoricalField)
        ]
        self._names = [field.name for field in categorical]
        self._sequences = schema.sequence_fields
        fields: list[CategoricalField | SequenceField] = [
            *categorical,
            *self._sequences,
        ]
        self._forms = [PLAIN_FORMS[item.value_type or "string"] for item in fields]
        self._index = ValueIndex(
            [encoder.vocabularies[item.name] for item in fields],
            [offsets[item.name] for item in fields],
        )

    def find(self, rows: PlainRows) -> tuple[list[int], list[int]]:
        """Look up the names of rows.

        Args:
            rows: at least one.

        Returns:
            Table rows: those of each categorical field, then the items of each
            sequence field, by row; and how many items each sequence of each row has.

        Raises:
            UnsureError: if a column is missing or its type is not certain.
        """
        draft = _Draft(self._index)
        for place, name in enumerate(self._names):
            values = plain_column(rows, name)
            if len(values) > 1:
                check_one_type(values)
            draft.add(place, values, self._forms[place])
        lengths: list[int] = []
        for place, sequence in enumerate(self._sequences, len(self._names)):
            lists = plain_lists(plain_column(rows, sequence.name), sequence.max_length)
            lengths.extend(map(len, lists))
            draft.add(place, chain.from_iterable(lists), self._forms[place])
        draft.look_up()
        return draft.rows, lengths


def _check_text(key: Hashable) -> None:
    """Decline half characters: a column cannot hold them."""
    if type(key) is str and not key.isascii():
        try:
            key.encode()
        except UnicodeEncodeError:
            raise UnsureError from None
