"""A small model after a few passes: enough to compare fields by, not to serve.

Source of the sizes: the backbones of Jia et al., "ERASE: Benchmarking Feature Selection
Methods for Deep Recommender Systems", KDD 2024, https://arxiv.org/abs/2403.12660.
Rankings of fields and their curves train a model again and again; a served one is
trained once, by ``default_recipe``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fieldwise.models import model_arguments
from fieldwise.training.defaults import Optimizer, default_recipe, fitting_batch
from fieldwise.training.recipe import Recipe

__all__ = ["SMALL_MODEL", "small_arguments", "small_recipe"]

SMALL_MODEL = "deepfm"
"""Of the four models of the benchmark the one with the highest AUC on validation rows
of Criteo and Frappe, at equal cost."""

SIZES: Mapping[str, Any] = {"embedding_dim": 8, "hidden_dims": (32, 16)}
LEARNING_RATE = 5e-3
ENOUGH_ROWS = 200_000
"""Rows to learn from, all passes together, after which fields can be told apart."""
MANY_PASSES = 30
MIN_STEPS = 100


def small_arguments(model: str) -> dict[str, Any]:
    """Sizes of a small model.

    Examples:
        >>> small_arguments("deepfm"), small_arguments("fm")
        ({'embedding_dim': 8, 'hidden_dims': (32, 16)}, {'embedding_dim': 8})

    Args:
        model: name in ``MODELS``.

    Returns:
        Embeddings of 8 numbers, layers of 32 and 16, as far as the model has them.
    """
    known = model_arguments(model)
    return {name: size for name, size in SIZES.items() if name in known}


def small_recipe(
    model: str,
    *,
    num_rows: int,
    num_features: int,
    num_epochs: int | None = None,
    optimizer: Optimizer = "adam",
) -> Recipe:
    """The recipe for a few fast passes.

    Examples:
        >>> recipe = small_recipe("deepfm", num_rows=110_000, num_features=60_000)
        >>> recipe.num_epochs, recipe.batch_size
        (2, 1024)

    Args:
        model: name in ``MODELS``.
        num_rows: training rows.
        num_features: rows of the shared table.
        num_epochs: passes at most; None for as many as 200,000 rows take, 30 at most.
        optimizer: of the tables.

    Returns:
        The default recipe with larger steps.
    """
    if num_epochs is None:
        num_epochs = min(MANY_PASSES, -(-ENOUGH_ROWS // max(1, num_rows)))
    recipe = default_recipe(
        model,
        num_rows=num_rows,
        num_features=num_features,
        num_epochs=num_epochs,
        optimizer=optimizer,
    )
    batch_size = fitting_batch(num_rows, min_steps=MIN_STEPS)
    return replace(recipe, learning_rate=LEARNING_RATE, batch_size=batch_size)
