"""The fitted transform from raw columns to indices and numbers.

Fitted on training rows only: counts of values, quantiles of numbers and the label's
classes never see a validation or test row.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._polars_types import Schema as ColumnTypes
from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.columns import check_columns, list_sizes, role_columns
from fieldwise.data.counting import (
    MAX_COUNT_BYTES,
    NumberSample,
    ValueCounter,
    make_vocabularies,
    spill_largest,
)
from fieldwise.data.kept_hashes import KeptHashes
from fieldwise.data.numbers import check_buckets, fit_numeric
from fieldwise.data.targets import LabelStudy
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import (
    CategoricalField,
    Field,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

__all__ = ["Encoder"]


@final
class Encoder:
    """Knows the vocabulary of every field and the scale of every number.

    Args:
        schema: the fitted schema.
        vocabularies: one per categorical and sequence field, by name.
    """

    def __init__(self, schema: Schema, vocabularies: Mapping[str, Vocabulary]) -> None:
        self.schema = schema
        self.vocabularies = dict(vocabularies)
        unfitted = [field.name for field in schema if not field.is_fitted]
        if unfitted:
            message = f"fields must be fitted, got {unfitted}. Call Encoder.fit."
            raise SchemaError(message)
        wanted = {
            field.name: (field.num_features, field.value_type)
            for field in schema
            if isinstance(field, CategoricalField | SequenceField)
        }
        found = {
            name: (item.num_features, item.value_type)
            for name, item in self.vocabularies.items()
        }
        wrong = sorted(
            name for name in {*wanted, *found} if wanted.get(name) != found.get(name)
        )
        if wrong:
            message = (
                "vocabularies must have the sizes and types the schema says, got "
                f"others for {wrong[:10]}."
            )
            raise SchemaError(message)
        for field in schema:
            if isinstance(field, NumericField) and field.is_bucketed:
                check_buckets(field)

    @classmethod
    def fit(
        cls,
        frame: pl.LazyFrame,
        schema: Schema,
        *,
        hashes: KeptHashes | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> "Encoder":
        """Learn vocabularies and scales, in one pass.

        Memory holds the values that are kept and a bounded number of counts; what is
        more goes to files in the folder for temporary files (``TMPDIR``).

        Args:
            frame: training rows only.
            schema: the fields; what is already learned is learned again.
            hashes: notes those of the values, for ``encode_to_folder`` to encode the
                same rows faster.
            progress: called with the number of rows of each finished chunk.

        Returns:
            The fitted encoder.

        Raises:
            SchemaError: if columns are missing or of an impossible type, or a label
                has one class.
            DataError: if there are no rows.
        """
        types = frame.collect_schema()
        check_columns(schema, types, labelled=True)
        with closing(_Study(schema, types, hashes)) as study:
            chunks = read_chunks(
                frame, study.columns, max_rows=CHUNK_ROWS, width=len(study.columns)
            )
            for chunk in chunks:
                study.add(chunk)
                if progress is not None:
                    progress(len(chunk))
            if study.num_rows == 0:
                message = "frame must have training rows, got none."
                raise DataError(message)
            return study.learn()

    def counts(self) -> NDArray[np.int64]:
        """Training occurrences of every row of the shared table, in table order.

        Returns:
            Counts, ``(num_features,)``; buckets of numbers count as 1.
        """
        parts = []
        for field in (*self.schema.index_fields, *self.schema.sequence_fields):
            if isinstance(field, NumericField):
                parts.append(np.ones(field.num_features or 0, dtype=np.int64))
            else:
                parts.append(self.vocabularies[field.name].counts)
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


@final
class _Study:
    """Everything one pass over the training rows collects."""

    def __init__(
        self, schema: Schema, types: ColumnTypes, hashes: KeptHashes | None
    ) -> None:
        self.num_rows = 0
        self._schema = schema
        self._counters = {
            field.name: ValueCounter(field, types[field.name])
            for field in schema
            if isinstance(field, CategoricalField | SequenceField)
        }
        self._hashes = hashes
        if hashes is not None:
            hashes.begin(self._hashable())
        self._labels = [LabelStudy(label, types[label.name]) for label in schema.labels]
        numeric = [field.name for field in schema if isinstance(field, NumericField)]
        real = [label.name for label in self._labels if label.may_be_real]
        self._sample = NumberSample([*numeric, *real])
        self._lengths: dict[str, set[int]] = {
            f.name: set() for f in schema.vector_fields
        }
        names = [*self._counters, *numeric, *schema.label_names]
        self.columns = [
            *map(pl.col, names),
            # The vectors themselves teach nothing and are not read.
            *(list_sizes(pl.col(name), types[name]) for name in self._lengths),
        ]

    def _hashable(self) -> dict[str, pl.Expr]:
        values = {name: each.hashable() for name, each in self._counters.items()}
        # A group, say, that is a field as well is read again, for its value.
        roles = role_columns(self._schema)
        return {n: v for n, v in values.items() if v is not None and n not in roles}

    def add(self, chunk: pl.DataFrame) -> None:
        self.num_rows += len(chunk)
        lazy = chunk.lazy()
        counts = pl.collect_all([item.plan(lazy) for item in self._counters.values()])
        for counter, part in zip(self._counters.values(), counts, strict=True):
            counter.add(part)
        if self._hashes is not None:
            self._hashes.add(chunk)
        spill_largest(self._counters.values(), max_bytes=MAX_COUNT_BYTES)
        self._sample.add(chunk)
        for label in self._labels:
            label.add(chunk)
        for name, lengths in self._lengths.items():
            lengths.update(chunk[name].drop_nulls().unique().to_list())

    def close(self) -> None:
        for counter in self._counters.values():
            counter.close()

    def learn(self) -> Encoder:
        vocabularies = make_vocabularies(self._counters, self._hashes)
        fields = tuple(self._fit(field, vocabularies) for field in self._schema)
        labels = tuple(
            label.learn(self._sample.numbers(label.name) if label.may_be_real else None)
            for label in self._labels
        )
        schema = replace(self._schema, fields=fields, labels=labels)
        return Encoder(schema, vocabularies)

    def _fit(self, field: Field, vocabularies: Mapping[str, Vocabulary]) -> Field:
        match field:
            case CategoricalField() | SequenceField():
                vocabulary = vocabularies[field.name]
                return replace(
                    field,
                    num_features=vocabulary.num_features,
                    value_type=vocabulary.value_type,
                )
            case NumericField():
                numbers = self._sample.numbers(field.name)
                has_nulls = self._sample.has_nulls[field.name]
                return fit_numeric(field, numbers, has_nulls=has_nulls)
            case VectorField():
                return _fit_vector(field, sorted(self._lengths[field.name]))


def _fit_vector(field: VectorField, lengths: list[int]) -> VectorField:
    length = field.vector_dim or next(iter(lengths), 0)
    if lengths != [length] or length == 0:
        wanted = f"length {field.vector_dim}" if field.vector_dim else "one length"
        message = (
            f"vector field {field.name!r} must have lists of {wanted}, got lengths "
            f"{lengths[:5]}. Make it a sequence field, or pad the lists."
        )
        raise SchemaError(message)
    return replace(field, vector_dim=length)
