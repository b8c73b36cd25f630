"""An ordinary model with a gate behind its embeddings, and how both are trained.

No model knows of gates: what leaves its ``embedding`` is changed on its way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset
from fieldwise.errors import ConfigError
from fieldwise.models import build_model
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.training import Recipe
from fieldwise.training.small_fit import small_arguments, small_recipe

__all__ = ["Backbone", "GatedModel", "field_embedding_of"]

Between = Callable[[FieldEmbedding, Batch, Tensor], Tensor]
"""The layer, the rows and their embeddings to gated embeddings."""

Gate = TypeVar("Gate", bound=nn.Module)


def field_embedding_of(model: nn.Module) -> FieldEmbedding:
    """Find the layer that embeds all fields of a model.

    Args:
        model: an ordinary model.

    Returns:
        Its ``embedding``.

    Raises:
        ConfigError: if it has none.
    """
    embedding = getattr(model, "embedding", None)
    if isinstance(embedding, FieldEmbedding):
        return embedding
    message = (
        "model must have a layer 'embedding' for all fields, got "
        f"{type(model).__name__}. Take 'dnn' or another model that has one."
    )
    raise ConfigError(message)


@final
class GatedModel(nn.Module):
    """A model whose field embeddings go through a gate.

    Examples:
        >>> from fieldwise.nn.gates.gumbel_gate import GumbelGate
        >>> from fieldwise.schema import CategoricalField, Schema
        >>> schema = Schema((CategoricalField("site", 2, None, 3, "string"),))
        >>> gated = GatedModel(build_model("dnn", schema), GumbelGate(1))
        >>> [name for name, _ in gated.named_children()]
        ['model', 'gate']

    Args:
        model: an ordinary model; from now on its embeddings are gated.
        gate: embeddings ``(batch, field, dim)`` in and out, unless ``between`` calls it
            otherwise.
        between: calls the gate, where it needs more than embeddings.

    Raises:
        ConfigError: if the model has no ``FieldEmbedding`` named ``embedding``.
    """

    def __init__(
        self, model: nn.Module, gate: nn.Module, between: Between | None = None
    ) -> None:
        embedding = field_embedding_of(model)
        super().__init__()
        self.model = model
        self.gate = gate

        def pass_gate(layer: FieldEmbedding, rows: tuple[Batch], x: Tensor) -> Tensor:
            gated: Tensor = gate(x) if between is None else between(layer, rows[0], x)
            return gated

        embedding.register_forward_hook(pass_gate)

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            batch: encoded rows.

        Returns:
            Logits of the model.
        """
        logits: Tensor = self.model(batch)
        return logits


@final
@dataclass(frozen=True, kw_only=True)
class Backbone:
    """The model behind a gate, and how both are trained.

    Examples:
        >>> Backbone(arguments={"embedding_dim": 4}).all_arguments()
        {'embedding_dim': 4, 'hidden_dims': (32, 16)}

    Args:
        model: name in ``MODELS``.
        arguments: of the model, on top of a small tower: embeddings of 8 numbers and
            layers of 32 and 16, as far as the model has them.
        recipe: how to train; None for a few passes with large steps. Its seed and its
            running mean of the weights do not count: a gate ends where it stands.
    """

    model: str = "dnn"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = None

    def all_arguments(self) -> dict[str, Any]:
        """The arguments to build the model with."""
        return small_arguments(self.model) | dict(self.arguments)

    def full_recipe(self, train: Dataset, *, seed: int) -> Recipe:
        """The recipe to train by.

        Args:
            train: rows to learn from; their number decides what was not said.
            seed: of everything random.

        Returns:
            The recipe.
        """
        recipe = self.recipe or small_recipe(
            self.model, num_rows=len(train), num_features=train.schema.num_features
        )
        return replace(recipe, seed=seed, average_epochs=0.0)

    def build(
        self,
        train: Dataset,
        make_gate: Callable[[FieldEmbedding], Gate],
        *,
        seed: int,
        between: Callable[[Gate], Between] | None = None,
    ) -> tuple[GatedModel, Gate]:
        """Build the model and a gate.

        Args:
            train: rows to learn from.
            make_gate: called with the embedding of the model.
            seed: of the weights.
            between: says how the gate is called, where it needs more than embeddings.

        Returns:
            The gated model, with fresh weights, and its gate.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = build_model(self.model, train.schema, **self.all_arguments())
            gate = make_gate(field_embedding_of(model))
        call = None if between is None else between(gate)
        return GatedModel(model, gate, call), gate
