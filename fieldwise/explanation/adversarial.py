r"""Which fields an opponent would move to turn a decision.

$$\max_{\|D\|_F \le \rho} \; -\operatorname{sign}(z - t)\, z(e + D)$$

Source: Zhou, Wang, He, Wang, "From Intrinsic to Counterfactual: On the Explainability
of Contextualized Recommender Systems", 2021, https://arxiv.org/abs/2110.14844 (the
graybox level); Madry et al., "Towards Deep Learning Models Resistant to Adversarial
Attacks", ICLR 2018, https://arxiv.org/abs/1706.06083, section 2.1 (projected steps).
Differences from the papers: only the abstract of the first was at hand; embeddings are
moved, not inputs; the logit is attacked, whose gradient does not vanish; the radius is
told in lengths of a row, so that it means the same in every model.
"""

from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from fieldwise._checks import check_non_negative, check_positive
from fieldwise.batch import Batch
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.explanation.row_means import Array, row_means
from fieldwise.importance import Importance
from fieldwise.sensitivity import Embedded

__all__ = ["adversarial_fields"]

Parts = list[Float[Tensor, "row _ _"]]


def adversarial_fields(
    model: BaselineModel,
    batches: Iterable[Batch | Embedded],
    *,
    radius: float = 0.3,
    num_steps: int = 5,
    threshold: float = 0.0,
    data_fingerprint: str = "",
) -> Importance:
    """Measure how an opponent would share a small change among the fields.

    Rare values often have large gradients: read the lengths beside ``moved``.

    Args:
        model: the model.
        batches: the rows; for a single row, a batch of it.
        radius: length of the change of a row, in mean lengths of all its embeddings.
        num_steps: steps of the search.
        threshold: logit at which the decision turns; rows are moved towards it.
        data_fingerprint: checksum of the rows, to be noted in the result.

    Returns:
        An importance of fields: the mean length of what each is moved by; the detail
        ``moved`` is how far that alone moves the logit, on average.

    Raises:
        DataError: if there is no row.
        ValueError: if the radius is negative, or the number of steps not positive.
    """
    check_non_negative("radius", radius)
    check_positive("num_steps", num_steps)

    def sums_of(rows: Embedded) -> tuple[Array, Array]:
        before = model.score(rows)
        side = torch.tensor(np.where(before > threshold, 1.0, -1.0))
        changes = _attack(model, rows, side, radius, num_steps)
        squares = model.split.by_field(
            change.double().square().sum(-1) for change in changes
        )
        moved = _moved_alone(model, rows, changes, before)
        lengths = squares.sqrt().cpu().numpy()
        return lengths.sum(axis=0), np.abs(moved).sum(axis=0)

    lengths, moved = row_means(model, batches, sums_of)
    return Importance(
        unit="field",
        names=model.schema.names,
        scores=lengths,
        meaning="mean length of what an opponent moves it by",
        method="adversarial change",
        data_fingerprint=data_fingerprint,
        details={"moved": moved},
    )


def _attack(
    model: BaselineModel,
    rows: Embedded,
    side: Float[Tensor, " row"],
    radius: float,
    num_steps: int,
) -> Parts:
    """Projected steps along the normalised gradient, each row in a ball of its own."""
    reach = radius * float(_lengths(list(rows.parts)).mean())
    changes = [torch.zeros_like(part) for part in rows.parts]
    sign = side.to(rows.parts[0])
    for _ in range(num_steps):
        moved = [
            (part + change).requires_grad_()
            for part, change in zip(rows.parts, changes, strict=True)
        ]
        with torch.enable_grad():
            logits = model.logits(Embedded(tuple(moved), rows.indices))
            lost = -(sign * logits).sum()
        gradients = torch.autograd.grad(
            lost, moved, allow_unused=True, materialize_grads=True
        )
        # A few steps reach the border, the others walk along it.
        step = 2 * reach / num_steps
        scale = step / _lengths(list(gradients)).clamp(min=1e-30)
        changes = [
            change + scale[:, None, None] * gradient
            for change, gradient in zip(changes, gradients, strict=True)
        ]
        back = (reach / _lengths(changes).clamp(min=1e-30)).clamp(max=1.0)
        changes = [back[:, None, None] * change for change in changes]
    return changes


def _lengths(parts: Parts) -> Float[Tensor, " row"]:
    squares = [part.square().sum(dim=(1, 2)) for part in parts]
    return torch.stack(squares).sum(0).sqrt()


def _moved_alone(
    model: BaselineModel, rows: Embedded, changes: Parts, before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far the change of each field alone moves each logit, ``(row, field)``."""
    moved = np.empty((len(rows), len(model.schema)))
    for field in range(len(model.schema)):
        chosen = torch.zeros(len(model.schema))
        chosen[field] = 1.0
        # A change of a pair of values belongs half to each of its fields.
        parts = [
            part
            + model.split.shares_of_fields(place, chosen).to(part)[:, None] * change
            for place, (part, change) in enumerate(
                zip(rows.parts, changes, strict=True)
            )
        ]
        moved[:, field] = model.score(Embedded(tuple(parts), rows.indices)) - before
    return moved
