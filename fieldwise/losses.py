"""Losses of logits and labels, weighted by row, blind to labels nobody observed.

Several tasks share a batch although few rows have all their labels: a conversion is
known only where there was a click. A NaN label says so, and neither the loss nor the
gradient sees that entry.

Source: Good, "Rational Decisions", Journal of the Royal Statistical Society B 1952
(log loss as a measure of probabilities).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from fieldwise.errors import ShapeError

__all__ = [
    "BRANCH_LOSSES",
    "adaptive_branch_loss",
    "binary_cross_entropy",
    "squared_error",
]


def binary_cross_entropy(
    logits: Float[Tensor, " batch *task"],
    labels: Float[Tensor, "..."],
    weights: Float[Tensor, "..."] | None = None,
) -> Float[Tensor, ""]:
    r"""Average the log loss of the observed labels.

    $$\frac{1}{T} \sum_t \frac{\sum_i w_i \ell(z_{it}, y_{it})}{\sum_i w_i}, \quad
    \ell(z, y) = \ln(1 + e^z) - y z$$

    In nats. Sums run over the rows whose label is observed, the mean over the tasks
    that have one; a batch with none, an empty one for instance, has loss 0.

    Shape:
        - logits, labels: ``(batch,)`` or ``(batch, task)``.
        - weights: ``(batch,)``.
        - Output: a scalar, in float32 even for half-precision logits.

    Examples:
        >>> logits = torch.zeros(3)
        >>> binary_cross_entropy(logits, torch.tensor([1.0, 0.0, torch.nan]))
        tensor(0.6931)

    Args:
        logits: of label 1.
        labels: in [0, 1]; NaN means not observed.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The mean loss.

    Raises:
        ShapeError: if the shapes do not go together.
    """
    _check_shapes("logits", logits, labels, weights)
    z, y, observed = _fill_unobserved(logits, labels)
    loss = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    return _mean_over_rows_and_tasks(loss, observed, weights)


def squared_error(
    predictions: Float[Tensor, " batch *task"],
    labels: Float[Tensor, "..."],
    weights: Float[Tensor, "..."] | None = None,
) -> Float[Tensor, ""]:
    r"""Average the squared error of the observed labels.

    $$\frac{1}{T} \sum_t \frac{\sum_i w_i (\hat y_{it} - y_{it})^2}{\sum_i w_i}$$

    In the squared unit of the label. Sums run over the rows whose label is observed,
    the mean over the tasks that have one; a batch with none has loss 0.

    Shape:
        - predictions, labels: ``(batch,)`` or ``(batch, task)``.
        - weights: ``(batch,)``.
        - Output: a scalar, in float32 even for half-precision predictions.

    Examples:
        >>> squared_error(torch.zeros(2), torch.tensor([1.0, 3.0]))
        tensor(5.)

    Args:
        predictions: of the label.
        labels: any number; NaN means not observed.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The mean loss.

    Raises:
        ShapeError: if the shapes do not go together.
    """
    _check_shapes("predictions", predictions, labels, weights)
    predicted, y, observed = _fill_unobserved(predictions, labels)
    return _mean_over_rows_and_tasks((predicted - y).square(), observed, weights)


BRANCH_LOSSES = ("adaptive", "detached", "distillation")
"""How branches of a model are trained beside the whole.

``adaptive``: on the label, the more the further a branch is behind the whole (Tri-BCE);
``detached``: the same, but how far it is behind is taken as it is, not learned from;
``distillation``: on what the whole predicts, which is not pulled towards them.
"""


def adaptive_branch_loss(
    whole: Float[Tensor, ""],
    branches: Sequence[Float[Tensor, ""]],
    *,
    detach_weights: bool = False,
) -> Float[Tensor, ""]:
    r"""Add the losses of branches, each as strongly as it is behind the whole.

    $$L + \sum_b w_b L_b, \quad w_b = \max(0, L_b - L)$$

    The gradient flows through the weights, too, as in the authors' code, unless they
    are detached.

    Source: Li et al., "FCN: Fusing Exponential and Linear Cross Network for
    Click-Through Rate Prediction", 2024, https://arxiv.org/abs/2407.13349 (Tri-BCE).

    Examples:
        >>> adaptive_branch_loss(torch.tensor(1.0), [torch.tensor(3.0)])
        tensor(7.)

    Args:
        whole: loss of what the model as a whole says.
        branches: loss of each branch by itself.
        detach_weights: take the weights as they are, and learn nothing from them.

    Returns:
        The loss to train on; never below ``whole``.
    """
    total = whole
    for branch in branches:
        behind = (branch - whole).clamp(min=0)
        total = total + (behind.detach() if detach_weights else behind) * branch
    return total


def _check_shapes(
    name: str, outputs: Tensor, labels: Tensor, weights: Tensor | None
) -> None:
    problems = []
    if outputs.ndim not in (1, 2):
        got = tuple(outputs.shape)
        problems.append(f"{name} must have shape (batch,) or (batch, task), got {got}.")
    # A column against a vector would broadcast to a matrix without a word.
    if labels.shape != outputs.shape:
        problems.append(
            f"labels must have the shape of {name}, {tuple(outputs.shape)}, "
            f"got {tuple(labels.shape)}."
        )
    if weights is not None and weights.shape != outputs.shape[:1]:
        problems.append(
            f"weights must have shape {tuple(outputs.shape[:1])}, one per row, "
            f"got {tuple(weights.shape)}."
        )
    if problems:
        raise ShapeError(" ".join(problems))


def _fill_unobserved(
    outputs: Float[Tensor, " batch *task"], labels: Float[Tensor, " batch *task"]
) -> tuple[
    Float[Tensor, " batch *task"],
    Float[Tensor, " batch *task"],
    Bool[Tensor, " batch *task"],
]:
    """Put zeros where nothing was observed, in at least float32."""
    observed = ~labels.isnan()
    dtype = torch.promote_types(outputs.dtype, torch.float32)
    zero = torch.zeros((), dtype=dtype, device=outputs.device)
    # Outputs are filled too: multiplying by zero would keep an infinite gradient.
    return (
        torch.where(observed, outputs.to(dtype), zero),
        torch.where(observed, labels.to(dtype), zero),
        observed,
    )


def _mean_over_rows_and_tasks(
    loss: Float[Tensor, " batch *task"],
    observed: Bool[Tensor, " batch *task"],
    weights: Float[Tensor, " batch"] | None,
) -> Float[Tensor, ""]:
    if loss.ndim == 1:
        loss, observed = loss.unsqueeze(1), observed.unsqueeze(1)
    masses = observed.to(loss.dtype)
    if weights is not None:
        masses = masses * weights.to(loss.dtype).unsqueeze(1)
    totals = masses.sum(0)
    seen = totals > 0
    means = (masses * loss).sum(0) / torch.where(seen, totals, 1)
    return means.sum() / seen.sum().clamp(min=1)
