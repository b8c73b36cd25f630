r"""How much a pair of fields interacts, in all models that are almost as good.

$$\phi_I(M) = L(M \text{ with } I \text{ shuffled}) - L(M), \quad
\mathrm{FIS}_{ij}(M) = \phi_{ij}(M) - \phi_i(M) - \phi_j(M), \quad
L(M) \le L(M^*) + \varepsilon$$

A single model may hide or invent an interaction. A range that does not hold 0 is one
that all the models agree on.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, sections 3 and 4.
Differences from the paper: the score of a model is that of the model itself, with both
fields masked (the released code adds effects of models with one masked field;
``mode="paper_code"``); models beyond the border are measured, but not counted; shuffles
are those of ``masked_loss``. Fields that say the same have a score other than 0 even in
a model that adds (twice their covariance, of two numbers and a squared error).
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
SHARES = [(a, len(LEVELS) - 1 - a) for a in range(1, len(LEVELS) - 1)]
"""Levels of both fields; together they would use the whole loss up."""
CHOICES = [(*levels, *sides) for levels in SHARES for sides in product((0, 1), (0, 1))]
"""Levels and sides of all models of a pair."""


@final
@dataclass(frozen=True, eq=False)
class InteractionCloud:
    """Scores of many models for each pair of fields.

    Args:
        names: of the pairs.
        scores: of each pair in each of its models, ``(pair, model)``, in the unit of
            the loss; negative where both fields are worth less together than apart.
        added: loss of these models over that of the reference, ``(pair, model)``.
        factors: of both fields in these models, ``(pair, model, 2)``.
        angles: of these models in a halo plot, in radians, ``(model,)``.
        references: scores in the reference model, ``(pair,)``.
        loss: of the reference model.
        epsilon: loss that a model of the set may have beyond it.
        data_fingerprint: checksum of the rows.
        seed: of rows and shuffles; None where the loss tells none.
    """

    names: tuple[tuple[str, str], ...]
    scores: Array
    added: Array
    factors: Array
    angles: Array
    references: Array
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
            An importance of pairs: the largest size of a score; the details ``low``
            and ``high`` are the ends of the range, ``reference`` the score of the
            reference model, ``models`` how many of its models are in the set.
        """
        inside = np.where(self.is_within, self.scores, self.references[:, None])
        everything = np.concatenate([inside, self.references[:, None]], axis=1)
        low = everything.min(axis=1, initial=np.inf)
        high = everything.max(axis=1, initial=-np.inf)
        return Importance(
            unit="pair",
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

    def plot_halo(self, pair: tuple[str, str]) -> "alt.TopLevelMixin":
        """Draw the losses of the models of one pair around those of the reference.

        Where the fields add to the loss, the models stand on the circle.

        Args:
            pair: names of both fields, in the order of the schema.

        Returns:
            A chart of Altair.

        Raises:
            MissingExtraError: if the extra ``report`` is not installed.
            SchemaError: if there is no such pair.
        """
        from fieldwise.explanation.cloud_plots import draw_halo

        if pair not in self.names:
            message = f"pair must be one of the cloud, got {pair}."
            raise SchemaError(message)
        return draw_halo(self, pair)


def interaction_cloud(
    model: MaskedLoss,
    *,
    tolerance: float = TOLERANCE,
    fields: Sequence[str] | None = None,
    mode: Mode = "exact",
) -> InteractionCloud:
    """Score pairs of fields in models that are almost as good as a trained one.

    For each pair 36 models: nine ways to share the loss among both fields, each louder
    or softer. Costs ``36 * (1 + 3 * num_draws)`` losses a pair.

    Args:
        model: the trained model, as ``EmbeddedLoss`` shows it.
        tolerance: share of its loss that a model may lose. Of log losses of clicks a
            hundredth is a lot.
        fields: pairs of these only; None for all. Those that the model does not use
            have no pairs.
        mode: ``exact`` scores each model itself; ``paper_code`` takes effects of
            single fields from models with one masked field.

    Returns:
        The cloud.

    Raises:
        SchemaError: if there is no such field.
        ValueError: if the tolerance is not positive, or there is no such mode.
    """
    check_positive("tolerance", tolerance)
    check_choice("mode", mode, ("exact", "paper_code"))
    names = model.names
    if unknown := sorted(set(fields or ()) - set(names)):
        message = f"fields must be among {list(names)}, got {unknown}."
        raise SchemaError(message)
    ones = np.ones(len(names))
    reference = model.loss(ones)
    mains = {
        place: _effect(model, ones, (place,), reference)
        for place, name in enumerate(names)
        if fields is None or name in fields
    }
    used = [place for place, effect in mains.items() if effect != 0]
    pairs = list(combinations(used, 2))
    masks = search_masks(model, epsilon=tolerance * reference, fields=used)
    found = [_score_pair(model, masks, pair, mode) for pair in pairs]
    columns = [np.array(column) for column in zip(*found, strict=True)]
    scores, added, factors = columns or [np.empty((0, len(CHOICES)))] * 3
    return InteractionCloud(
        names=tuple((names[i], names[j]) for i, j in pairs),
        scores=scores,
        added=added,
        factors=factors,
        angles=_angles(),
        references=np.array(
            [
                _effect(model, ones, (i, j), reference) - mains[i] - mains[j]
                for i, j in pairs
            ]
        ),
        loss=reference,
        epsilon=masks.epsilon,
        data_fingerprint=getattr(model, "data_fingerprint", ""),
        seed=getattr(model, "seed", None),
    )


def _effect(
    model: MaskedLoss, factors: Array, shuffled: tuple[int, ...], loss: float
) -> float:
    """Loss added when fields are shuffled, mean over the draws."""
    draws = range(model.num_draws)
    return float(np.mean([model.loss(factors, shuffled, k) for k in draws]) - loss)


def _score_pair(
    model: MaskedLoss, masks: RashomonMasks, pair: tuple[int, int], mode: Mode
) -> tuple[list[float], list[float], list[list[float]]]:
    """Scores, losses and factors of all models of a pair."""
    scores, added, factors = [], [], []
    for *levels, first, second in CHOICES:
        sides = (first, second)
        chosen = [
            float(masks.factors[place, level, side])
            for place, level, side in zip(pair, levels, sides, strict=True)
        ]
        mask = np.ones(len(model.names))
        mask[list(pair)] = chosen
        loss = model.loss(mask)
        singles = 0.0
        for place, factor in zip(pair, chosen, strict=True):
            if mode == "exact":
                singles += _effect(model, mask, (place,), loss)
            else:
                alone = np.ones(len(model.names))
                alone[place] = factor
                singles += _effect(model, alone, (place,), model.loss(alone))
        scores.append(_effect(model, mask, pair, loss) - singles)
        added.append(loss - masks.reference)
        factors.append(chosen)
    return scores, added, factors


def _angles() -> Array:
    """Where a model stands around the reference: a quarter for each choice of signs."""
    one, other, first, second = np.array(CHOICES).T
    signs = np.array(SIGNS)
    return np.asarray(
        np.arctan2(signs[second] * LEVELS[other], signs[first] * LEVELS[one])
    )
