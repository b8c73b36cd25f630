"""Rank fields by gates that learn from other rows than the weights.

Source: Wang, Zhao, Xu, Wu, "AutoField: Automating Feature Selection in Deep Recommender
Systems", WWW 2022, https://arxiv.org/abs/2204.09078.
Differences from the paper: fields are ranked by how far the logit of keeping is ahead
of that of dropping, which is what the softmax sees; the temperature falls in training
steps only; the rows gates learn from do not also stop the training; a step of the gates
for each training step, and larger ones, so that small tables are enough.
"""

from collections.abc import Callable

from fieldwise.importance import Importance
from fieldwise.nn.gates.gumbel_gate import GumbelGate
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.ranking_data import RankingData
from fieldwise.training import Trainer
from fieldwise.training.held_out_steps import HeldOutSteps

__all__ = ["rank_by_autofield"]


def rank_by_autofield(
    data: RankingData,
    *,
    seed: int = 0,
    backbone: Backbone | None = None,
    every: int = 1,
    gate_learning_rate: float = 1e-2,
    log: Callable[[str], None] | None = None,
) -> Importance:
    """Train a model and, on held-out rows, a gate for each of its fields.

    Weights learn from ``data.train``, gates from ``data.gate``; ``data.stop`` chooses
    the epoch whose gates count.

    Args:
        data: the rows.
        seed: of everything random.
        backbone: the model behind the gates; None for a small tower.
        every: training steps to one step of the gates.
        gate_learning_rate: of the gates.
        log: called after each epoch with a line of text.

    Returns:
        An importance of all fields, in the order of the schema.
    """
    backbone = backbone or Backbone()
    gated, gate = backbone.build(
        data.train, lambda layer: GumbelGate(layer.num_fields), seed=seed
    )
    recipe = backbone.full_recipe(data.train, seed=seed)
    gate_steps = HeldOutSteps(
        gated,
        [gate.logits],
        data.gate,
        every=every,
        learning_rate=gate_learning_rate,
        batch_size=recipe.batch_size,
        seed=seed,
    )

    def after_step() -> None:
        gate_steps()
        gate.advance()

    Trainer(recipe, progress=False).fit(
        gated, data.train, data.stop, after_step=after_step, log=log
    )
    return data.importance(
        gate.margins().cpu().double().numpy(),
        meaning="logit of keeping it, less that of dropping it",
        method="AutoField",
        seed=seed,
    )
