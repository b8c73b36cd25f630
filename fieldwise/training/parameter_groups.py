"""The parameters of a model by what training does to them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

from torch import nn
from torch.nn import Parameter

from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.table_layer import TableLayer

__all__ = ["ParameterGroups", "sparse_lookups"]


@final
@dataclass(frozen=True, slots=True)
class ParameterGroups:
    """Trainable parameters, each in exactly one group; frozen ones in none.

    Args:
        embeddings: the layers of the model that look rows up in a table.
        tables: their tables: many rows, of which a batch reads few.
        embedding_weights: other parameters of field embeddings, read by every row.
        network_matrices: weight matrices outside the field embeddings.
        network_vectors: biases, scales and shifts, which are never penalised.
    """

    embeddings: tuple[TableLayer, ...]
    tables: tuple[Parameter, ...]
    embedding_weights: tuple[Parameter, ...]
    network_matrices: tuple[Parameter, ...]
    network_vectors: tuple[Parameter, ...]

    @classmethod
    def of(cls, model: nn.Module) -> "ParameterGroups":
        """Sort the parameters of a model.

        Args:
            model: any module; without a ``TableLayer`` it has no tables.

        Returns:
            The groups.
        """
        embeddings = tuple(m for m in model.modules() if isinstance(m, TableLayer))
        # Tensors compare element by element, so membership goes by identity.
        tables = {id(embedding.table) for embedding in embeddings}
        inside = {
            id(parameter)
            for module in model.modules()
            if isinstance(module, FieldEmbedding)
            for parameter in module.parameters()
        }
        trainable = [p for p in model.parameters() if p.requires_grad]
        outside = [p for p in trainable if id(p) not in inside | tables]
        return cls(
            embeddings=embeddings,
            tables=tuple(p for p in trainable if id(p) in tables),
            embedding_weights=tuple(
                p for p in trainable if id(p) in inside and id(p) not in tables
            ),
            network_matrices=tuple(p for p in outside if p.ndim >= 2),
            network_vectors=tuple(p for p in outside if p.ndim < 2),
        )

    @property
    def dense(self) -> tuple[Parameter, ...]:
        """Everything but the tables."""
        return (*self.embedding_weights, *self.network_matrices, *self.network_vectors)

    @property
    def trainable(self) -> tuple[Parameter, ...]:
        """Everything."""
        return (*self.tables, *self.dense)


@contextmanager
def sparse_lookups(embeddings: Sequence[TableLayer], *, sparse: bool) -> Iterator[None]:
    """Choose the gradients of all tables, and put the old choice back at the end.

    Args:
        embeddings: the layers of a model that look rows up.
        sparse: whether gradients hold the rows of the batch only.

    Yields:
        Nothing.
    """
    before = [embedding.sparse_gradients for embedding in embeddings]
    try:
        for embedding in embeddings:
            embedding.sparse_gradients = sparse
        yield
    finally:
        for embedding, choice in zip(embeddings, before, strict=True):
            embedding.sparse_gradients = choice
