"""The settings ``fieldwise.fit`` uses when the user says nothing.

Chosen on real tables, not guessed: ``benchmarks/quality/defaults.md`` holds the study.
Published numbers need their published settings instead: see ``Recipe`` and
``benchmarks/quality/frappe.py``.
"""

from typing import Any, Literal

from fieldwise.models import model_arguments
from fieldwise.training.recipe import Recipe

__all__ = ["Optimizer", "default_arguments", "default_recipe", "fitting_batch"]

Optimizer = Literal["adam", "lazy_adam", "rowwise_adagrad"]

DROPOUT = 0.2
MIN_STEPS = 200
"""Steps an epoch should have: with fewer, small tables stop before they learn."""
SMALLEST_BATCH, LARGEST_BATCH = 128, 4096

LINEAR_L2 = 1e-6
"""A weight per feature is worth little penalty: ten times more costs AUC on Criteo."""
FACTOR_L2 = 1e-5
TOWER_L2 = 2e-3
"""Times features per row: many rare features let a tower learn rows by heart."""

AVERAGE_EPOCHS = 0.5
MANY_EPOCHS = 100
ONE_PASS = 0.1
"""Of penalty and horizon in a single epoch: on validation rows the AUC of DCNv2 is then
.006 higher on Criteo, .001 on Adult (two seeds); with three epochs it is lower."""


def default_arguments(model: str) -> dict[str, Any]:
    """Arguments of a model that differ from those of its constructor.

    Examples:
        >>> default_arguments("dcnv2"), default_arguments("fm")
        ({'dropout': 0.2}, {})

    Args:
        model: name in ``MODELS``.

    Returns:
        The arguments.
    """
    return {"dropout": DROPOUT} if "dropout" in model_arguments(model) else {}


def default_recipe(
    model: str,
    *,
    num_rows: int,
    num_features: int,
    num_epochs: int = MANY_EPOCHS,
    optimizer: Optimizer = "adam",
) -> Recipe:
    """The recipe that was never bad.

    Examples:
        >>> recipe = default_recipe("dcnv2", num_rows=40_000, num_features=200)
        >>> recipe.batch_size, recipe.embedding_l2
        (128, 1e-05)

    Args:
        model: name in ``MODELS``.
        num_rows: training rows.
        num_features: rows of the shared table.
        num_epochs: at most. In a single one nothing can be learned by heart, and a
            mean over half an epoch would hold early steps: both are then a tenth.
        optimizer: of the tables. Lazy ones leave the other rows alone, so the penalty
            is then on touched rows, with the same strength: the study has none.

    Returns:
        Adam, stopped by validation log loss; the batch grows with the table, the
        penalty on embeddings with the number of features per row. The mean of the
        weights over half an epoch is kept, which differs less from seed to seed than
        the last weights. bf16 where the hardware has it, as in the study.
    """
    known = model_arguments(model)
    share = ONE_PASS if num_epochs == 1 else 1.0
    if "dropout" in known:
        embedding_l2 = TOWER_L2 * min(1.0, num_features / max(1, num_rows))
    else:
        embedding_l2 = FACTOR_L2 if "embedding_dim" in known else LINEAR_L2
    return Recipe(
        optimizer=optimizer,
        l2_scope="table" if optimizer == "adam" else "touched",
        batch_size=fitting_batch(num_rows),
        embedding_l2=embedding_l2 * share,
        monitor="logloss",
        patience=3,
        plateau_factor=0.3,
        num_epochs=num_epochs,
        average_epochs=AVERAGE_EPOCHS * share,
        precision="auto",
    )


def fitting_batch(num_rows: int, *, min_steps: int = MIN_STEPS) -> int:
    """The largest batch with which an epoch still has enough steps.

    Examples:
        >>> fitting_batch(40_000), fitting_batch(110_000, min_steps=100)
        (128, 1024)

    Args:
        num_rows: training rows.
        min_steps: of an epoch.

    Returns:
        Rows per batch, a power of two from 128 to 4,096.
    """
    size = SMALLEST_BATCH
    while size < LARGEST_BATCH and 2 * size * min_steps <= num_rows:
        size *= 2
    return size
