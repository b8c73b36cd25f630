"""How the loss of each row moves with the embeddings of its fields."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError
from fieldwise.nn.transfer import batches_on
from fieldwise.schema import Label, Schema
from fieldwise.sensitivity.split_model import SplitModel

__all__ = ["EmbeddedRows", "embedding_gradients", "mean_embeddings"]


@final
@dataclass(frozen=True)
class EmbeddedRows:
    """Rows as a model embeds them: one entry for each of its field embeddings.

    A model may embed a field several times, for example once for its tower and once
    for its linear part. All of it together is what the field says to the model.

    Args:
        fields: names of the embedded fields.
        embeddings: ``(batch, field, dim)``.
        gradients: of the loss of the row the embedding is of, ``(batch, field, dim)``.
        weights: of the rows, ``(batch,)``.
    """

    fields: tuple[tuple[str, ...], ...]
    embeddings: tuple[Float[Tensor, "batch _ _"], ...]
    gradients: tuple[Float[Tensor, "batch _ _"], ...]
    weights: Float[Tensor, " batch"]

    def along(
        self, directions: Iterable[Float[Tensor, "..."]], schema: Schema
    ) -> Float[Tensor, "batch field"]:
        """How fast the loss of each row grows when a field moves in a direction.

        Args:
            directions: one for each entry of ``embeddings``, of its shape.
            schema: the fields, in order.

        Returns:
            Inner products of gradients and directions, summed over the embeddings of a
            field, ``(batch, field)``; 0 where a field has none.
        """
        slopes = self.weights.new_zeros(len(self.weights), len(schema))
        for names, gradient, direction in zip(
            self.fields, self.gradients, directions, strict=True
        ):
            places = torch.tensor(
                [schema.names.index(name) for name in names], device=slopes.device
            )
            slopes.index_add_(1, places, (gradient * direction).sum(-1))
        return slopes


def embedding_gradients(
    model: nn.Module, schema: Schema, batches: Iterable[Batch]
) -> Iterator[EmbeddedRows]:
    """Go through rows with the gradients of each row's own loss.

    Losses are summed, never averaged, and no layer mixes rows in eval mode: the
    gradient of a row is the same in a batch of any size. No weight of the model is
    moved, and none gets a gradient.

    Args:
        model: the trained model; it embeds fields by ``FieldEmbedding``.
        schema: the fields and labels of the rows.
        batches: labelled rows.

    Yields:
        The rows, batch by batch, on the device of the model.

    Raises:
        DataError: if the rows have no labels, or the model no field embedding.
    """
    split = SplitModel(model, schema)
    places = _field_layers(split)
    for batch in batches_on(split.device, batches):
        embedded = split.embed(batch)
        parts = [part.requires_grad_() for part in embedded.parts]
        with torch.enable_grad():
            logits = split.forward_from_embeddings(embedded, batch)
            losses = _row_losses(logits, batch, schema.labels)
        tensors = [parts[place] for place in places]
        gradients = torch.autograd.grad(
            losses.sum(), tensors, allow_unused=True, materialize_grads=True
        )
        yield EmbeddedRows(
            fields=tuple(_names(split, place) for place in places),
            embeddings=tuple(tensor.detach() for tensor in tensors),
            gradients=gradients,
            weights=_weights(batch),
        )


def mean_embeddings(
    model: nn.Module, schema: Schema, batches: Iterable[Batch]
) -> list[Float[Tensor, "field _"]]:
    """Average what fields say to a model.

    Args:
        model: the trained model; it embeds fields by ``FieldEmbedding``.
        schema: the fields of the rows.
        batches: the rows.

    Returns:
        The mean over rows of each entry of ``EmbeddedRows.embeddings``; of a field
        with one value exactly its embedding.

    Raises:
        DataError: if there is no row, or the model has no field embedding.
    """
    split = SplitModel(model, schema)
    sums: list[Tensor] = []
    mass = 0.0
    for batch in batches_on(split.device, batches):
        weights = _weights(batch).double()
        embedded = split.embed(batch)
        # Summed in float64 the mean of equal numbers is that number.
        parts = [
            torch.einsum("b,bfd->fd", weights, embedded.parts[place].double())
            for place in _field_layers(split)
        ]
        sums = [a + b for a, b in zip(sums, parts, strict=True)] if sums else parts
        mass += weights.sum().item()
    if not mass:
        message = "batches must hold at least one row with a weight, got none."
        raise DataError(message)
    return [(total / mass).float() for total in sums]


def _field_layers(split: SplitModel) -> list[int]:
    """Which of the embedding layers embed single fields, and not pairs."""
    return [
        place
        for place, entries in enumerate(split.entries)
        if all(len(entry) == 1 for entry in entries)
    ]


def _names(split: SplitModel, place: int) -> tuple[str, ...]:
    return tuple(name for (name,) in split.entries[place])


def _weights(batch: Batch) -> Float[Tensor, " batch"]:
    if batch.weights is not None:
        return batch.weights
    return torch.ones(len(batch), device=batch.indices.device)


def _row_losses(
    logits: Float[Tensor, "..."], batch: Batch, labels: tuple[Label, ...]
) -> Float[Tensor, " batch"]:
    """Mean over the tasks of the loss of each row; 0 where a label is not observed."""
    if batch.labels is None or not labels:
        message = "batches must have labels, got rows without."
        raise DataError(message)
    z = logits.reshape(batch.labels.shape).float()
    seen = ~batch.labels.isnan()
    y = torch.where(seen, batch.labels, 0.0)
    is_binary = torch.tensor(
        [label.kind == "binary" for label in labels], device=z.device
    )
    losses = torch.where(
        is_binary,
        F.binary_cross_entropy_with_logits(z, y, reduction="none"),
        (z - y).square(),
    )
    return torch.where(seen, losses, 0.0).mean(1)
