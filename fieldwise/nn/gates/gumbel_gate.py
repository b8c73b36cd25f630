r"""A gate for each field that is drawn anew in every step, colder and colder.

Source: Wang, Zhao, Xu, Wu, "AutoField: Automating Feature Selection in Deep Recommender
Systems", WWW 2022, https://arxiv.org/abs/2204.09078; start and temperature are those
of its code. Noise: Jang, Gu, Poole, "Categorical Reparameterization with
Gumbel-Softmax", ICLR 2017, https://arxiv.org/abs/1611.01144.
Differences from the paper: the temperature falls in training steps only; no noise in
evaluation.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.gates._multiply import multiply_fields

__all__ = ["GumbelGate"]

DROP, KEEP = 0, 1
START = 0.5
COOLING = 5e-5
"""Degrees lost in each training step."""
LOWEST_TEMPERATURE = 0.01


@final
class GumbelGate(nn.Module):
    r"""Multiplies the embedding of a field by the probability that it is kept.

    $$g_f = \frac{\exp((a_{f,1} + n_{f,1}) / \tau)}{\sum_{i \in \{0, 1\}}
    \exp((a_{f,i} + n_{f,i}) / \tau)}, \quad
    \tau = \max(0.01,\; 1 - 5 \cdot 10^{-5} t)$$

    In training the noise $n$ is drawn from a Gumbel distribution, once per field and
    call; in evaluation there is none. Parameters: ``2 * num_fields``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: the same.

    Examples:
        >>> gate = GumbelGate(2).eval()
        >>> gate(torch.ones(1, 2, 1)).flatten().tolist()
        [0.5, 0.5]

    Args:
        num_fields: fields of the input.

    Attributes:
        logits: of dropping and of keeping each field, ``(field, 2)``.
        step: training steps so far, see ``advance``; saved with the weights.

    Raises:
        ValueError: if ``num_fields`` is not positive.
    """

    step: Tensor

    def __init__(self, num_fields: int) -> None:
        check_positive("num_fields", num_fields)
        super().__init__()
        self.logits = nn.Parameter(torch.full((num_fields, 2), START))
        # Whole numbers are not averaged with the weights.
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))

    @property
    def temperature(self) -> Float[Tensor, ""]:
        """Of the next step, without asking the device for it."""
        return (1 - COOLING * self.step).clamp(min=LOWEST_TEMPERATURE)

    def advance(self) -> None:
        """Count a training step."""
        self.step.add_(1)

    def margins(self) -> Float[Tensor, " field"]:
        """How far keeping is ahead of dropping: all that a softmax sees of both."""
        return (self.logits[:, KEEP] - self.logits[:, DROP]).detach()

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field dim"]:
        """Gate each field.

        Args:
            x: embeddings.

        Returns:
            Gated embeddings.
        """
        scores: Tensor = self.logits
        if self.training:
            scores = scores - torch.empty_like(scores).exponential_().log()
        return multiply_fields(x, torch.softmax(scores / self.temperature, 1)[:, KEEP])
