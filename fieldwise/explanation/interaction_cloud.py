r"""How much two or three fields interact, in all models that are almost as good.

$$\phi_I(M) = L(M \text{ with } I \text{ shuffled}) - L(M), \quad
\mathrm{FIS}_I(M) = \phi_I(M) - \sum_{i \in I} \phi_i(M), \quad
L(M) \le L(M^*) + \varepsilon$$

A single model may hide or invent an interaction. A range that does not hold 0 is one
that all the models agree on.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, sections 3 and 4.
Differences from the paper: the score of a model is that of the model itself, with both
fields masked (the released code adds effects of models with one masked field;
``mode="paper_code"``); models beyond the border are measured, but not counted; shuffles
are those of ``masked_loss``. Fields that say the same have a score other than 0 even in
a model that adds (twice their covariance, of two numbers and a squared error). A score
of three fields holds those of their pairs; what is beyond them is told as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Literal, final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_choice, check_positive
from fieldwise.errors import SchemaError
from fieldwise.explanation.masked_loss import MaskedLoss
from fieldwise.explanation.rashomon_masks import (
    LEVELS,
    SIGNS,
    RashomonMasks,
    search_masks,
)
from fieldwise.importance import Importance

if TYPE_CHECKING:
    import altair as alt

__all__ = ["InteractionCloud", "interaction_cloud"]

METHOD = "feature interaction cloud"
TOLERANCE = 0.01
"""Share of the loss that a model of the set may lose."""

Array = NDArray[np.float64]
Mode = Literal["exact", "paper_code"]
NUM_LEVELS = len(LEVELS) - 1
Choice = tuple[tuple[int, ...], tuple[int, ...]]
"""Level and side of each masked field of a model."""
Effects = dict[tuple[int, ...], float]
"""Loss that the reference model adds where these fields are shuffled."""


@final
@dataclass(frozen=True, eq=False)
class InteractionCloud:
    """Scores of many models for each pair of fields, or each three of them.

    Args:
        names: of the pairs, or of the three fields.
        scores: of each pair in each of its models, ``(pair, model)``, in the unit of
            the loss; negative where the fields are worth less together than apart.
        added: loss of these models over that of the reference, ``(pair, model)``.
        factors: of the fields in these models, ``(pair, model, 2)``; of three ``3``.
        directions: where these models stand around the reference: the share of the loss
            that each field has, negative where it is softer, ``(model, 2)`` or
            ``(model, 3)``.
        references: scores in the reference model, ``(pair,)``.
        beyond_pairs: what the three fields add in the reference model beyond their
            pairs, ``(pair,)``; of pairs the score.
        loss: of the reference model.
        epsilon: loss that a model of the set may have beyond it.
        data_fingerprint: checksum of the rows.
        seed: of rows and shuffles; None where the loss tells none.
    """

    names: tuple[tuple[str, ...], ...]
    scores: Array
    added: Array
    factors: Array
    directions: Array
    references: Array
    beyond_pairs: Array
    loss: float
    epsilon: float
    data_fingerprint: str = ""
    seed: int | None = None

    @property
    def is_within(self) -> NDArray[np.bool_]:
        """Which of the models are in the Rashomon set, ``(pair, model)``."""
        return np.asarray(self.added <= self.epsilon)

    def importance(self) -> Importance:
        """Summarise the models in the set, the reference among them.

        Returns:
            An importance of pairs, or of crosses of three fields: the largest size of a
            score; the details ``low`` and ``high`` are the ends of the range,
            ``reference`` the score of the reference model and ``beyond_pairs`` what of
            it is beyond that of pairs, ``models`` how many of its models are in the
            set.
        """
        inside = np.where(self.is_within, self.scores, self.references[:, None])
        everything = np.concatenate([inside, self.references[:, None]], axis=1)
        low = everything.min(axis=1, initial=np.inf)
        high = everything.max(axis=1, initial=-np.inf)
        return Importance(
            unit="pair" if self.directions.shape[1] == 2 else "cross",
            names=self.names,
            scores=np.maximum(np.abs(low), np.abs(high)),
            meaning="largest interaction in models that are almost as good",
            method=METHOD,
            data_fingerprint=self.data_fingerprint,
            seed=self.seed,
            details={
                "low": low,
                "high": high,
                "reference": self.references,
                "beyond_pairs": self.beyond_pairs,
                "models": self.is_within.sum(axis=1).astype(np.float64),
            },
        )

    def plot(self) -> "alt.TopLevelMixin":
        """Draw a swarm: a line of models for each pair, a star for the reference.

        Returns:
            A chart of Altair.

        Raises:
            MissingExtraError: if the extra ``report`` is not installed.
        """
        from fieldwise.explanation.cloud_plots import draw_swarm

        return draw_swarm(self)

    def plot_halo(self, names: tuple[str, ...]) -> "alt.TopLevelMixin":
        """Draw the losses of the models of one pair around those of the reference.

        Where the fields add to the loss, the models stand on the circle. Of three
        fields, the sphere is unfolded: a triangle for each way to be louder or softer.

        Args:
            names: of the fields, in the order of the schema.

        Returns:
            A chart of Altair.

        Raises:
            MissingExtraError: if the extra ``report`` is not installed.
            SchemaError: if the cloud has no such fields.
        """
        from fieldwise.explanation.cloud_plots import draw_halo

        if names not in self.names:
            message = f"names must be one of the cloud, got {names}."
            raise SchemaError(message)
        return draw_halo(self, names)


def interaction_cloud(
    model: MaskedLoss,
    *,
    tolerance: float = TOLERANCE,
    fields: Sequence[str] | None = None,
    order: Literal[2, 3] = 2,
    mode: Mode = "exact",
) -> InteractionCloud:
    """Score pairs of fields in models that are almost as good as a trained one.

    For each pair 36 models: nine ways to share the loss among both fields, each louder
    or softer; for each three fields 288. Costs ``36 * (1 + 3 * num_draws)`` losses a
    pair and ``288 * (1 + 4 * num_draws)`` for three fields: name those that matter.

    Args:
        model: the trained model, as ``EmbeddedLoss`` shows it.
        tolerance: share of its loss that a model may lose. Of log losses of clicks a
            hundredth is a lot.
        fields: pairs of these only; None for all. Those that the model does not use
            have no pairs.
        order: how many fields are scored together.
        mode: ``exact`` scores each model itself; ``paper_code`` takes effects of
            single fields from models with one masked field.

    Returns:
        The cloud.

    Raises:
        SchemaError: if there is no such field.
        ValueError: if the tolerance is not positive, or there is no such order or mode.
    """
    check_positive("tolerance", tolerance)
    if order not in (2, 3):
        message = f"order must be 2 or 3, got {order}."
        raise ValueError(message)
    check_choice("mode", mode, ("exact", "paper_code"))
    names = model.names
    if unknown := sorted(set(fields or ()) - set(names)):
        message = f"fields must be among {list(names)}, got {unknown}."
        raise SchemaError(message)
    ones = np.ones(len(names))
    reference = model.loss(ones)
    effects: Effects = {
        (place,): _effect(model, ones, (place,), reference)
        for place, name in enumerate(names)
        if fields is None or name in fields
    }
    used = [cross[0] for cross, effect in effects.items() if effect != 0]
    for size in range(2, order + 1):
        for cross in combinations(used, size):
            effects[cross] = _effect(model, ones, cross, reference)
    crosses = list(combinations(used, order))
    choices = _choices(order)
    masks = search_masks(model, epsilon=tolerance * reference, fields=used)
    found = [_score_cross(model, masks, cross, choices, mode) for cross in crosses]
    shape = (len(crosses), len(choices))
    scores, added, factors = zip(*found, strict=True) if found else ((), (), ())
    return InteractionCloud(
        names=tuple(tuple(names[place] for place in cross) for cross in crosses),
        scores=np.reshape(scores, shape),
        added=np.reshape(added, shape),
        factors=np.reshape(factors, (*shape, order)),
        directions=_directions(choices),
        references=np.array([_reference_score(effects, cross) for cross in crosses]),
        beyond_pairs=np.array([_beyond(effects, cross) for cross in crosses]),
        loss=reference,
        epsilon=masks.epsilon,
        data_fingerprint=getattr(model, "data_fingerprint", ""),
        seed=getattr(model, "seed", None),
    )


def _choices(order: int) -> list[Choice]:
    """All models of a cross; the levels of its fields would use the whole loss up."""
    levels = product(range(1, NUM_LEVELS), repeat=order)
    shares = [each for each in levels if sum(each) == NUM_LEVELS]
    sides = product(range(len(SIGNS)), repeat=order)
    return list(product(shares, sides))


def _directions(choices: Sequence[Choice]) -> Array:
    levels, sides = (np.array(part) for part in zip(*choices, strict=True))
    return np.asarray(np.array(SIGNS)[sides] * LEVELS[levels])


def _reference_score(effects: Effects, cross: tuple[int, ...]) -> float:
    return effects[cross] - sum(effects[(place,)] for place in cross)


def _beyond(effects: Effects, cross: tuple[int, ...]) -> float:
    """The effect of all less that of all parts, by inclusion and exclusion."""
    return sum(
        effects[part] if (len(cross) - size) % 2 == 0 else -effects[part]
        for size in range(1, len(cross) + 1)
        for part in combinations(cross, size)
    )


def _effect(
    model: MaskedLoss, factors: Array, shuffled: tuple[int, ...], loss: float
) -> float:
    """Loss added when fields are shuffled, mean over the draws."""
    draws = range(model.num_draws)
    return float(np.mean([model.loss(factors, shuffled, k) for k in draws]) - loss)


def _score_cross(
    model: MaskedLoss,
    masks: RashomonMasks,
    cross: tuple[int, ...],
    choices: Sequence[Choice],
    mode: Mode,
) -> tuple[list[float], list[float], list[list[float]]]:
    """Scores, losses and factors of all models of a cross."""
    scores, added, factors = [], [], []
    for levels, sides in choices:
        chosen = [
            float(masks.factors[place, level, side])
            for place, level, side in zip(cross, levels, sides, strict=True)
        ]
        mask = np.ones(len(model.names))
        mask[list(cross)] = chosen
        loss = model.loss(mask)
        singles = 0.0
        for place, factor in zip(cross, chosen, strict=True):
            if mode == "exact":
                singles += _effect(model, mask, (place,), loss)
            else:
                alone = np.ones(len(model.names))
                alone[place] = factor
                singles += _effect(model, alone, (place,), model.loss(alone))
        scores.append(_effect(model, mask, cross, loss) - singles)
        added.append(loss - masks.reference)
        factors.append(chosen)
    return scores, added, factors
