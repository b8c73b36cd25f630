r"""What each field adds to a logit: gradients on the way from other rows to this one.

$$c_f(x) = \frac{1}{K} \sum_k \Big\langle e_f - e_f^{(k)},
\int_0^1 \frac{\partial z}{\partial e_f}\big(e^{(k)} + a (e - e^{(k)})\big)\, da
\Big\rangle, \quad \sum_f c_f(x) = z(x) - \frac{1}{K} \sum_k z(x^{(k)})$$

Source: Sundararajan, Taly, Yan, "Axiomatic Attribution for Deep Networks", ICML 2017,
https://arxiv.org/abs/1703.01365, equation 1; several baselines as in Lelievre, Chen,
"Integrated Gradient Correlation: a Dataset-wise Attribution Method", 2024,
https://arxiv.org/abs/2404.13910.
Differences from the papers: the logit is explained and not the probability, whose
gradients vanish where a model is sure; paths run between embeddings; many baselines
with few points each, other points on each path and each with its mirror image, which is
exact for a model of pairs (what a field adds is told beside a mean, and the mean of few
rows is further from that of all than a few points are from the integral); what the
integral misses is handed out, and shown (``docs/explain.md`` says how much).
"""

import math
from collections.abc import Iterable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.explanation.baselines import MAX_POINTS, BaselineModel
from fieldwise.explanation.contributions import FieldContributions, close_gap
from fieldwise.sensitivity import Embedded

__all__ = ["NUM_STEPS", "integrated_gradients"]

METHOD = "integrated gradients"
NUM_STEPS = 2
"""Points of a path. See ``docs/explain.md`` for the error that is left."""
GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it fill an interval evenly, however many there are."""

Array = NDArray[np.float64]


def integrated_gradients(
    model: BaselineModel,
    batches: Iterable[Batch | Embedded],
    *,
    num_steps: int = NUM_STEPS,
    seed: int | None = None,
    data_fingerprint: str = "",
) -> FieldContributions:
    """Find what each field adds to the logit of each row.

    Costs ``num_steps`` gradients for each row and baseline. Points of many rows, paths
    and steps go through the model together.

    Args:
        model: the model and its baselines.
        batches: the rows.
        num_steps: points of each path.
        seed: of the baselines, to be noted in the result.
        data_fingerprint: checksum of the rows, to be noted in the result.

    Returns:
        Contributions, in units of the logit; with ``base`` they add up to the logits.

    Raises:
        ValueError: if the number of steps is not positive.
    """
    check_positive("num_steps", num_steps)
    points = _points(len(model.baselines), num_steps)
    values, logits = [np.empty((0, len(model.schema)))], [np.empty(0)]
    for batch in batches:
        rows = model.embed(batch)
        logits.append(model.score(rows))
        size = max(1, MAX_POINTS // (num_steps * len(model.baselines)))
        values += [
            _integrate(model, rows.take(slice(start, start + size)), points)
            for start in range(0, len(rows), size)
        ]
    found, scores = np.concatenate(values), np.concatenate(logits)
    gap = close_gap(found, scores - model.base)
    return FieldContributions(
        names=model.schema.names,
        values=found + gap,
        logits=scores,
        base=model.base,
        corrections=gap,
        method=METHOD,
        seed=seed,
        data_fingerprint=data_fingerprint,
    )


def _points(num_baselines: int, num_steps: int) -> Float[Tensor, "baseline step"]:
    """Where to look on each path, one point in each of equal steps.

    Points of the second half mirror those of the first, so that whatever is linear
    along a path is met exactly, and no two paths are looked at in the same places.
    """
    numbers = torch.arange(num_baselines, dtype=torch.float64)
    shifts = (GOLDEN * (numbers + 0.5)).frac()
    steps = torch.arange(num_steps // 2, dtype=torch.float64)
    first = (steps + shifts[:, None]) / num_steps
    middle = torch.full((num_baselines, num_steps % 2), 0.5, dtype=torch.float64)
    return torch.cat([first, middle, 1 - first.flip(dims=[1])], dim=1)


def _integrate(
    model: BaselineModel, rows: Embedded, at: Float[Tensor, "baseline step"]
) -> Array:
    """Contributions of some rows, ``(row, field)``, all points of a path at once."""
    dtype, device = model.split.dtype, model.split.device
    at = at.to(device, dtype)
    shape = (len(rows), *at.shape)
    # Of each row, baseline and vector.
    ways = [
        row[:, None] - base[None]
        for row, base in zip(rows.parts, model.baselines.parts, strict=True)
    ]
    points = [
        torch.addcmul(base[None, :, None], way[:, :, None], at[..., None, None])
        .flatten(end_dim=2)
        .requires_grad_()
        for way, base in zip(ways, model.baselines.parts, strict=True)
    ]
    numbers = torch.arange(len(rows), device=device).repeat_interleave(
        shape[1] * shape[2]
    )
    with torch.enable_grad():
        logits = model.logits(Embedded(tuple(points), rows.indices[numbers]))
    gradients = torch.autograd.grad(
        logits.sum(), points, allow_unused=True, materialize_grads=True
    )
    amounts = [
        torch.einsum("rksvd,rkvd->rv", gradient.view(*shape, *way.shape[2:]), way)
        / (shape[1] * shape[2])
        for gradient, way in zip(gradients, ways, strict=True)
    ]
    return np.asarray(
        model.split.by_field(amount.double() for amount in amounts).cpu().numpy()
    )
