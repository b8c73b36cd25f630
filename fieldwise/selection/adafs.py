"""Rank fields by the weights a network gives them, row by row.

Source: Lin, Zhao, Wang, Xu, Wu, "AdaFS: Adaptive Feature Selection in Deep Recommender
System", KDD 2022 (soft selection).
Differences from the paper: it is used to rank fields, which the paper does not do, by
the mean of their weights; the rows the controller learns from do not also stop the
training; a controller step for each training step; a penalty on the weights of the
network, without which no field of a trained model asks for more weight; for those of
the controller see ``fieldwise.nn.gates.field_controller``.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.data.loader import Loader
from fieldwise.importance import Importance
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.gates.field_controller import FieldController
from fieldwise.scoring import score_batches
from fieldwise.selection.gated_model import Backbone, field_embedding_of
from fieldwise.selection.ranking_data import RankingData
from fieldwise.training import Trainer
from fieldwise.training.held_out_steps import HeldOutSteps

__all__ = ["rank_by_adafs"]

SCORING_BATCH = 8192
NETWORK_L2 = 0.1
"""Of the default recipe. On the planted table of the tests strong fields come before
noise with it; without it the weights say how sure of itself the network is."""


def rank_by_adafs(
    data: RankingData,
    *,
    seed: int = 0,
    backbone: Backbone | None = None,
    pretraining_epochs: int = 2,
    every: int = 1,
    controller_learning_rate: float = 5e-3,
    log: Callable[[str], None] | None = None,
) -> Importance:
    """Train a model and, on held-out rows, a network that weighs its fields.

    Weights learn from ``data.train``, first alone, then in turns with the controller,
    which learns from ``data.gate``; ``data.stop`` chooses the epoch
    that counts. The order is relative to the rows: a field that matters much to few
    rows has a small mean and a large deviation.

    Args:
        data: the rows.
        seed: of everything random.
        backbone: the model behind the controller; None for a small tower.
        pretraining_epochs: of the weights alone, while all fields count the same.
        every: training steps to one step of the controller.
        controller_learning_rate: of the controller.
        log: called after each epoch with a line of text.

    Returns:
        An importance of all fields, in the order of the schema; the detail
        ``deviation`` is the standard deviation of the weights over the rows.
    """
    check_positive("pretraining_epochs", pretraining_epochs)
    backbone = backbone or Backbone()
    gated, controller = backbone.build(
        data.train,
        lambda layer: FieldController(layer.num_fields, layer.embedding_dim),
        seed=seed,
    )
    recipe = backbone.full_recipe(data.train, seed=seed)
    if backbone.recipe is None:
        recipe = replace(recipe, network_l2=NETWORK_L2)
    # From here on the trainer leaves the controller alone.
    controller_steps = HeldOutSteps(
        gated,
        controller.deciding(),
        data.gate,
        every=every,
        learning_rate=controller_learning_rate,
        batch_size=recipe.batch_size,
        seed=seed,
    )
    first = replace(recipe, num_epochs=pretraining_epochs)
    Trainer(first, progress=False).fit(gated, data.train, log=log)
    Trainer(recipe, progress=False).fit(
        gated, data.train, data.stop, after_step=controller_steps, log=log
    )
    weigher = _Weigher(field_embedding_of(gated.model), controller)
    batches = Loader(data.gate, batch_size=SCORING_BATCH).epoch(0)
    weights = score_batches(weigher, batches)
    return Importance(
        unit="field",
        names=data.schema.names,
        scores=weights.mean(axis=0),
        meaning="mean weight over the rows; all weights of a row add up to 1",
        method="AdaFS",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={"deviation": weights.std(axis=0)},
    )


@final
class _Weigher(nn.Module):
    """The weights of the fields of each row."""

    def __init__(self, embedding: FieldEmbedding, controller: FieldController) -> None:
        super().__init__()
        self.embedding = embedding
        self.controller = controller

    def forward(self, batch: Batch) -> Float[Tensor, "batch field"]:
        # Past the hook: the controller weighs what is not weighted yet.
        return self.controller.weights(self.embedding.forward(batch))
