"""Which values of each field are kept, and all that becomes smaller by it.

A removed value is read as an unknown one, whose row is always kept. So a mask over the
rows of the shared table is a smaller vocabulary, and nothing else: the smaller encoder,
rows and model give the same logits as the large ones with removed values as unknown.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import final

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import ConfigError, ShapeError
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.schema import CategoricalField, NumericField, Schema, SequenceField

__all__ = ["KeptValues"]


@final
@dataclass(frozen=True, eq=False)
class KeptValues:
    """A mask over the rows of the shared table, as numpy arrays: a million is cheap.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=4, value_type="string")
        >>> kept = KeptValues(Schema((field,)), np.array([False, True, False, True]))
        >>> kept.per_field()
        {'site': (3, 4)}
        >>> kept.rows.tolist()  # rows 1 and 3 move up, row 2 becomes unknown
        [0, 1, 0, 2]

    Args:
        schema: the fitted schema of the large table.
        mask: whether each row of its table is kept, ``(feature,)``. Unknown rows and
            the buckets of numbers are kept whatever it says.

    Raises:
        ShapeError: if there is not one entry per row of the table.
    """

    schema: Schema
    mask: NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.mask.shape != (self.schema.num_features,):
            message = (
                f"mask must have shape ({self.schema.num_features},), one entry per "
                f"row of the table, got {self.mask.shape}."
            )
            raise ShapeError(message)
        mask = self.mask.astype(np.bool_)
        mask[list(self.schema.table_offsets)] = True
        for name, part in self._parts.items():
            if isinstance(self.schema[name], NumericField):
                mask[part] = True
        mask.flags.writeable = False
        object.__setattr__(self, "mask", mask)

    @cached_property
    def _parts(self) -> dict[str, slice]:
        """The rows of each field in the large table."""
        schema = self.schema
        fields = (*schema.index_fields, *schema.sequence_fields)
        bounds = zip(schema.table_offsets, schema.table_sizes, strict=True)
        return {
            field.name: slice(start, start + size)
            for field, (start, size) in zip(fields, bounds, strict=True)
        }

    @cached_property
    def rows(self) -> NDArray[np.int32]:
        """The row of the small table for each row of the large one, ``(feature,)``."""
        starts, sizes = self.schema.table_offsets, self.schema.table_sizes
        unknown = np.repeat(starts, sizes)
        kept = np.where(self.mask, np.arange(len(self.mask)), unknown)
        return (np.cumsum(self.mask) - 1)[kept].astype(np.int32)

    def part(self, field: str) -> slice:
        """Find the rows of a field in the large table.

        Args:
            field: name of any field; one without rows there has an empty part.

        Returns:
            The rows.
        """
        return self._parts.get(field, slice(0, 0))

    @property
    def share(self) -> float:
        """Kept rows by rows of the table."""
        return float(self.mask.mean())

    def per_field(self) -> dict[str, tuple[int, int]]:
        """Rows kept and rows there were, by field with rows in the table."""
        return {
            name: (int(self.mask[part].sum()), part.stop - part.start)
            for name, part in self._parts.items()
        }

    @cached_property
    def small_schema(self) -> Schema:
        """The schema of the small table."""
        sizes = {name: kept for name, (kept, _) in self.per_field().items()}
        fields = tuple(
            replace(field, num_features=sizes[field.name])
            if isinstance(field, CategoricalField | SequenceField)
            else field
            for field in self.schema
        )
        return replace(self.schema, fields=fields)

    def encoder(self, encoder: Encoder) -> Encoder:
        """Leave removed values out of the vocabularies.

        Args:
            encoder: of the large table.

        Returns:
            The encoder of the small one; its unknown rows count what was removed.
        """
        return Encoder(
            self.small_schema,
            {
                name: _smaller(vocabulary, self.mask[self._parts[name]])
                for name, vocabulary in encoder.vocabularies.items()
            },
        )

    def dataset(self, dataset: Dataset) -> Dataset:
        """Turn rows of the large table into rows of the small one.

        Args:
            dataset: encoded with the large encoder.

        Returns:
            What the small encoder would make of the same raw rows, in memory.
        """
        matrix = np.array(dataset.rows)
        num_indices = dataset.layout.num_indices
        matrix[:, :num_indices] = self.rows[matrix[:, :num_indices]]
        origin = hashlib.sha256(dataset.checksum().encode())
        origin.update(self.mask.data)
        return Dataset(
            self.small_schema,
            matrix,
            [Ragged(self.rows[r.values], r.offsets) for r in dataset.sequences],
            labelled=dataset.labelled,
            fingerprint=origin.hexdigest(),
        )

    def weights(
        self, weights: Mapping[str, Tensor], small: nn.Module
    ) -> dict[str, Tensor]:
        """Leave removed rows out of every table of a model.

        Args:
            weights: state of a model of the large schema.
            small: the same model, built with ``small_schema``.

        Returns:
            A state for the small model.

        Raises:
            ConfigError: if the model looks up crosses, which are counted anew only.
        """
        state = dict(weights)
        for name, layer in small.named_modules():
            if isinstance(layer, FieldEmbedding):
                key = f"{name}.table".lstrip(".")
                rows = self._kept_rows(layer.fields)
                state[key] = state[key][torch.from_numpy(rows).to(state[key].device)]
            elif isinstance(layer, TableLayer):
                message = (
                    "model must look up values of fields only, got a layer "
                    f"{type(layer).__name__}. Train it from scratch on the small rows."
                )
                raise ConfigError(message)
        return state

    def _kept_rows(self, fields: Sequence[str]) -> NDArray[np.int64]:
        """The kept rows of a table that has the rows of some fields only."""
        masks = [
            self.mask[part] for name, part in self._parts.items() if name in fields
        ]
        return np.flatnonzero(np.concatenate([np.zeros(0, dtype=np.bool_), *masks]))


def _smaller(vocabulary: Vocabulary, mask: NDArray[np.bool_]) -> Vocabulary:
    counts = pl.Series(vocabulary.counts)
    kept = pl.Series(mask[1:])
    return Vocabulary(
        vocabulary.values.filter(kept),
        counts[1:].filter(kept),
        vocabulary.value_type,
        unknown_count=int(counts.filter(~pl.Series(mask)).sum()) + int(counts[0]),
    )
