"""Rank fields by gates that end at zero or at one.

Source: Guo et al., "LPFS: Learnable Polarizing Feature Selection for Click-Through Rate
Prediction", 2022, https://arxiv.org/abs/2206.00267.
Differences from the paper: fields are ranked by the size of their gate, whatever its
sign; the smoothing falls in training steps only.
"""

from collections.abc import Callable

from fieldwise._checks import check_non_negative
from fieldwise.importance import Importance
from fieldwise.nn.gates.polarizing_gate import PolarizingGate
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.ranking_data import RankingData
from fieldwise.training import Trainer

__all__ = ["rank_by_lpfs"]


def rank_by_lpfs(
    data: RankingData,
    *,
    seed: int = 0,
    backbone: Backbone | None = None,
    plus: bool = True,
    penalty: float = 0.01,
    log: Callable[[str], None] | None = None,
) -> Importance:
    """Train a model whose fields have gates under an L1 penalty.

    Weights and gates learn from ``data.train``; ``data.stop`` chooses the epoch whose
    gates count. A field with score zero was dropped: ``above(0)`` is the selection of
    the method itself.

    Args:
        data: the rows; ``data.gate`` is not used.
        seed: of everything random.
        backbone: the model behind the gates; None for a small tower.
        plus: the gate of LPFS++, where a dropped field can come back.
        penalty: how far gates move towards zero in each step, in learning rates.
        log: called after each epoch with a line of text.

    Returns:
        An importance of all fields, in the order of the schema; the detail ``position``
        is the parameter of the gate, which is exactly zero where the gate is.
    """
    check_non_negative("penalty", penalty)
    backbone = backbone or Backbone()
    gated, gate = backbone.build(
        data.train,
        lambda layer: PolarizingGate(layer.num_fields, plus=plus),
        seed=seed,
    )
    recipe = backbone.full_recipe(data.train, seed=seed)

    def after_step() -> None:
        gate.shrink(penalty * recipe.learning_rate)
        gate.advance()

    Trainer(recipe, progress=False).fit(
        gated, data.train, data.stop, after_step=after_step, log=log
    )
    return Importance(
        unit="field",
        names=data.schema.names,
        scores=gate.gates().detach().abs().cpu().double().numpy(),
        meaning="size of its gate; 0 is dropped",
        method="LPFS++" if plus else "LPFS",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={"position": gate.positions.detach().cpu().double().numpy()},
    )
