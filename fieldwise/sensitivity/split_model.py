"""A model in two halves: what each field says to it, and what it makes of that.

Every method that asks "what if this field had said something else" needs the split: a
field is changed where it is a vector, never as an index. The one place where the
outputs of embedding layers are caught and replaced.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from threading import local
from typing import Any, TypeVar, final

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError, SchemaError
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import Schema

__all__ = ["Embedded", "SplitModel"]

EmbeddingLayer = FieldEmbedding | CrossEmbedding
Module = TypeVar("Module", bound=nn.Module)


@final
@dataclass(frozen=True, eq=False)
class Embedded:
    """Rows as a model embeds them.

    Args:
        parts: one tensor for each embedding layer of the model, ``(row, field, dim)``,
            or ``(row, pair, dim)`` of a layer that embeds pairs of values.
        indices: of the index fields, ``(row, field)``: pairs of values are looked up
            again when one of the two is replaced.
    """

    parts: tuple[Float[Tensor, "row _ _"], ...]
    indices: Int[Tensor, "row field"]

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, rows: Int[Tensor, " _"] | slice) -> "Embedded":
        """Pick rows.

        Args:
            rows: numbers of rows in any order, or a slice.

        Returns:
            These rows.
        """
        return Embedded(tuple(part[rows] for part in self.parts), self.indices[rows])

    @classmethod
    def join(cls, several: Sequence["Embedded"]) -> "Embedded":
        """Put the rows of several behind each other.

        Args:
            several: rows of the same model, at least one.

        Returns:
            All rows.
        """
        parts = zip(*(one.parts for one in several), strict=True)
        return cls(
            tuple(torch.cat(part) for part in parts),
            torch.cat([one.indices for one in several]),
        )


@final
class SplitModel:
    """Cuts a model between its embedding layers and everything else.

    Works on any model that embeds by ``FieldEmbedding`` (first-order weights are one,
    too) and ``CrossEmbedding``. The model itself is never touched: the halves belong
    to a twin in eval mode that shares its weights, so that other threads may go on
    predicting, and several may share a split model.

    Examples:
        >>> from fieldwise.models import build_model
        >>> from fieldwise.schema import CategoricalField
        >>> fields = [
        ...     CategoricalField(name, num_features=3, value_type="string")
        ...     for name in ("site", "device")
        ... ]
        >>> schema = Schema(tuple(fields))
        >>> split = SplitModel(build_model("fm", schema, embedding_dim=4), schema)
        >>> split.entries
        ((('site',), ('device',)), (('site',), ('device',)))

    Args:
        model: the trained model.
        schema: the fields of its rows, in order.

    Attributes:
        schema: the same.
        entries: for each embedding layer, and each vector that it makes of a row, the
            fields the vector is about: one, or the two of a pair.

    Raises:
        DataError: if the model has no such layer.
        SchemaError: if it embeds a field that the schema does not have.
    """

    def __init__(self, model: nn.Module, schema: Schema) -> None:
        self.schema = schema
        twins: dict[int, nn.Module] = {}
        self._twin = _twin_of(model, twins).eval()
        layers = [part for part in model.modules() if _is_embedding(part)]
        if not layers:
            message = "model must embed fields by FieldEmbedding, got one without."
            raise DataError(message)
        self._layers: list[EmbeddingLayer] = layers  # type: ignore[assignment]
        self._given = local()
        for place, layer in enumerate(layers):
            twins[id(layer)].__dict__["forward"] = self._replacement(place)
        self.entries = tuple(_entries(layer) for layer in self._layers)
        named = {name for part in self.entries for entry in part for name in entry}
        if unknown := sorted(named - set(schema.names)):
            message = (
                f"schema must have the fields of the model, got none of {unknown}."
            )
            raise SchemaError(message)
        self._shares = [self._shares_of(part) for part in self.entries]
        self._places = [
            [[schema.names.index(name) for name in entry] for entry in part]
            for part in self.entries
        ]
        self._index_places = [
            schema.names.index(field.name) for field in schema.index_fields
        ]

    @property
    def device(self) -> torch.device:
        """Where the embedding tables are."""
        return self._layers[0].table.device

    @property
    def dtype(self) -> torch.dtype:
        """Of the embedding tables."""
        return self._layers[0].table.dtype

    def embed(self, batch: Batch) -> Embedded:
        """Look up what the fields of some rows say.

        Args:
            batch: encoded rows, on the device of the model.

        Returns:
            Their embeddings, without gradients.
        """
        with torch.no_grad():
            parts = tuple(layer(batch) for layer in self._layers)
        return Embedded(parts, batch.indices)

    def forward_from_embeddings(
        self, embedded: Embedded, batch: Batch | None = None
    ) -> Float[Tensor, " row *task"]:
        """Score rows whose fields say what they are told to say.

        Gradients reach the given parts where they ask for them.

        Args:
            embedded: what the fields say; any number of rows.
            batch: the same rows, for a model that reads more of them than embeddings,
                as gates on single values do; no system of ``MODELS`` does.

        Returns:
            Logits, bit for bit those of the model where nothing was changed.
        """
        self._given.parts = embedded.parts
        try:
            logits: Tensor = self._twin(_hollow(embedded) if batch is None else batch)
        finally:
            del self._given.parts
        return logits

    def by_field(
        self, amounts: Iterable[Float[Tensor, "*rows _"]]
    ) -> Float[Tensor, "*rows field"]:
        """Add up amounts of vectors by the fields they are about.

        Args:
            amounts: for each embedding layer, one number for each of its vectors.

        Returns:
            Sums in the order of the schema; what a pair has goes half to each field.
        """
        sums = [
            amount @ shares.to(amount)
            for amount, shares in zip(amounts, self._shares, strict=True)
        ]
        return torch.stack(sums).sum(0)

    def shares_of_fields(
        self, place: int, chosen: Float[Tensor, " field"]
    ) -> Float[Tensor, " vector"]:
        """How much of each vector of an embedding layer some fields have.

        Args:
            place: number of the layer.
            chosen: 1 for these fields, 0 for others, in the order of the schema.

        Returns:
            Shares from 0 to 1; a half where one field of a pair was chosen.
        """
        return self._shares[place].to(chosen) @ chosen

    def mix(
        self, rows: Embedded, others: Embedded, is_other: Bool[Tensor, "row field"]
    ) -> Embedded:
        """Let some fields of rows say what they say in other rows.

        Exact for pairs of values, too: a pair of which one value was replaced is
        looked up again.

        Args:
            rows: rows.
            others: as many other rows.
            is_other: which fields say what they say in the other row, in the order of
                the schema.

        Returns:
            As many rows.
        """
        indices = torch.where(
            is_other[:, self._index_places], others.indices, rows.indices
        )
        parts: list[Tensor] = []
        for layer, places, one, other in zip(
            self._layers, self._places, rows.parts, others.parts, strict=True
        ):
            if isinstance(layer, CrossEmbedding):
                with torch.no_grad():
                    parts.append(layer(_hollow(Embedded((), indices))))
            else:
                of_vectors = is_other[:, [place for (place,) in places], None]
                parts.append(torch.where(of_vectors, other, one))
        return Embedded(tuple(parts), indices)

    def repeats(self, rows: Embedded) -> Bool[Tensor, "row field"]:
        """Tell which fields say what they say in an earlier row.

        Args:
            rows: rows.

        Returns:
            Whether the value of an index field is that of an earlier row, in the order
            of the schema; of other fields never.
        """
        same = rows.indices[:, None] == rows.indices[None]
        found = torch.zeros(
            len(rows), len(self.schema), dtype=torch.bool, device=same.device
        )
        found[:, self._index_places] = same.movedim(-1, 0).tril(-1).any(-1).T
        return found

    def scale(self, rows: Embedded, factors: Float[Tensor, "... field"]) -> Embedded:
        """Multiply what fields say.

        Args:
            rows: rows.
            factors: of each field in the order of the schema, ``(field,)`` or
                ``(row, field)``; a pair is multiplied by both of its fields.

        Returns:
            The rows, scaled.
        """
        parts = []
        for places, part in zip(self._places, rows.parts, strict=True):
            of_vectors = factors[..., torch.tensor(places)].prod(-1).to(part)
            parts.append(part * of_vectors[..., None])
        return Embedded(tuple(parts), rows.indices)

    def _replacement(self, place: int) -> Callable[[Batch], Tensor]:
        def given(batch: Batch) -> Tensor:  # noqa: ARG001  its values are not needed
            part: Tensor = self._given.parts[place]
            return part

        return given

    def _shares_of(self, part: tuple[tuple[str, ...], ...]) -> Tensor:
        """What goes to each field of what each vector has, ``(vector, field)``."""
        shares = torch.zeros(len(part), len(self.schema))
        for place, entry in enumerate(part):
            for name in entry:
                shares[place, self.schema.names.index(name)] = 1 / len(entry)
        return shares


def _is_embedding(module: nn.Module) -> bool:
    return isinstance(module, FieldEmbedding | CrossEmbedding)


def _entries(layer: EmbeddingLayer) -> tuple[tuple[str, ...], ...]:
    if isinstance(layer, CrossEmbedding):
        return layer.pairs
    return tuple((name,) for name in layer.fields)


def _twin_of(module: Module, twins: dict[int, nn.Module]) -> Module:
    """The same modules once more, over the same tensors."""
    if id(module) in twins:
        return twins[id(module)]  # type: ignore[return-value]
    twin = copy(module)
    state: dict[str, Any] = twin.__dict__
    # A shallow copy has the dictionaries of its original: hooks may stay common,
    # parts must not.
    for name in ("_modules", "_parameters", "_buffers"):
        state[name] = dict(state[name])
    twins[id(module)] = twin
    for name, part in state["_modules"].items():
        if part is not None:
            state["_modules"][name] = _twin_of(part, twins)
    return twin


def _hollow(embedded: Embedded) -> Batch:
    """As many rows, of which nothing is known but their indices."""
    indices = embedded.indices
    return Batch(
        indices=indices,
        numbers=torch.empty(len(indices), 0, device=indices.device),
        sequence_indices=indices.new_empty(0),
        sequence_offsets=indices.new_zeros(1),
    )
