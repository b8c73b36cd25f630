r"""A gate for each field that ends at zero or at one.

Source: Guo et al., "LPFS: Learnable Polarizing Feature Selection for Click-Through Rate
Prediction", 2022, https://arxiv.org/abs/2206.00267, equations of LPFS and LPFS++.
Constants of the schedule: Jia et al., "ERASE: Benchmarking Feature Selection Methods
for Deep Recommender Systems", KDD 2024, https://arxiv.org/abs/2403.12660, its code.
Differences from the paper: the smoothing falls in training steps only.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_non_negative, check_positive
from fieldwise.nn.gates._multiply import multiply_fields

__all__ = ["PolarizingGate"]

FIRST_EPSILON = 0.1
DECAY, DECAY_STEPS = 0.9978, 100
ALPHA, TAU = 10.0, 2.0


@final
class PolarizingGate(nn.Module):
    r"""Multiplies the embedding of a field by a smooth count of one parameter.

    $$g(x) = \frac{x^2}{x^2 + \epsilon}, \quad g_{++}(x) = \mathrm{sign}(x)
    \frac{x^2}{x^2 + \epsilon} + \alpha\, \epsilon^{1/\tau} \arctan(x)$$

    The smoothing $\epsilon$ starts at 0.1 and falls with the training steps, so that
    the gate of every $x \neq 0$ goes to one, in LPFS++ with the sign of $x$. The slope
    of $g$ at zero is zero: a dropped field stays dropped. That of $g_{++}$ is not.
    Parameters: ``num_fields``, all 1 at the start.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: the same.

    Examples:
        >>> gate = PolarizingGate(1)
        >>> round(gate.gates().item(), 4)  # 1 / (1 + 0.1)
        0.9091

    Args:
        num_fields: fields of the input.
        plus: the gate of LPFS++.

    Attributes:
        positions: the parameter of each field, ``(field,)``.
        step: training steps so far, see ``advance``; saved with the weights.

    Raises:
        ValueError: if ``num_fields`` is not positive.
    """

    step: Tensor

    def __init__(self, num_fields: int, *, plus: bool = False) -> None:
        check_positive("num_fields", num_fields)
        super().__init__()
        self.plus = plus
        self.positions = nn.Parameter(torch.ones(num_fields))
        # Whole numbers are not averaged with the weights.
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    def extra_repr(self) -> str:
        """What the weights do not tell."""
        return f"num_fields={len(self.positions)}, plus={self.plus}"

    @property
    def epsilon(self) -> Float[Tensor, ""]:
        """The smoothing of the next step, without asking the device for it."""
        num_decays = torch.div(self.step, DECAY_STEPS, rounding_mode="floor")
        return FIRST_EPSILON * torch.pow(DECAY, num_decays.to(self.positions.dtype))

    def advance(self) -> None:
        """Count a training step."""
        self.step.add_(1)

    @torch.no_grad()
    def shrink(self, distance: float) -> None:
        """Move each parameter towards zero, and no further: the proximal step of L1.

        Args:
            distance: strength of the penalty times the learning rate.
        """
        check_non_negative("distance", distance)
        x = self.positions
        x.copy_(x.sign() * (x.abs() - distance).clamp(min=0))

    def gates(self) -> Float[Tensor, " field"]:
        """The gate of each field."""
        x, epsilon = self.positions, self.epsilon
        share = x.square() / (x.square() + epsilon)
        if not self.plus:
            return share
        return x.sign() * share + ALPHA * epsilon ** (1 / TAU) * x.atan()

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field dim"]:
        """Gate each field.

        Args:
            x: embeddings.

        Returns:
            Gated embeddings.
        """
        return multiply_fields(x, self.gates())
