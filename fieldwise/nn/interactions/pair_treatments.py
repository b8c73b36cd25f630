r"""How each pair of fields is treated, and a mixture that learns it.

A pair is memorized (a vector per pair of values), factorized (the product of two
vectors), or naive (nothing at all).

Source: Lyu et al., "Memorize, Factorize, or be Naive: Learning Optimal Feature
Interaction Methods for CTR Prediction", ICDE 2022, https://arxiv.org/abs/2108.01265,
section 3; the temperature is that of its code. Noise from a counter: Steele, Lea,
Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
Differences from the paper: logits start at zero, so that no treatment has a start that
a short search cannot make up for; the temperature falls in training steps only.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from fieldwise._checks import check_choice, check_positive
from fieldwise.nn.precision import autocast

__all__ = ["TREATMENTS", "PairTreatments", "read_treatments"]

TREATMENTS = ("memorize", "factorize", "naive")
"""In the order of the columns of ``PairTreatments.logits``."""

LOWEST_TEMPERATURE = 0.01
COOLING = 5e-5
"""Degrees lost in each training step."""

GOLDEN, FIRST, SECOND = (
    number - 2**64
    for number in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
"""Of ``splitmix64``, as signed numbers: products wrap around."""


def read_treatments(
    choices: str | Sequence[str] | None, *, num_pairs: int
) -> tuple[str, ...]:
    """Give each pair its treatment.

    Examples:
        >>> read_treatments("naive", num_pairs=2)
        ('naive', 'naive')

    Args:
        choices: one treatment for all pairs, or one for each of them in row-major
            order; None factorizes all.
        num_pairs: how many pairs there are.

    Returns:
        A treatment per pair.

    Raises:
        ValueError: if there are more or fewer choices, or unknown ones.
    """
    if choices is None:
        choices = "factorize"
    given = [choices] * num_pairs if isinstance(choices, str) else list(choices)
    for choice in [choices] if isinstance(choices, str) else given:
        check_choice("choices", choice, TREATMENTS)
    if len(given) != num_pairs:
        message = f"choices must be one per pair ({num_pairs}), got {len(given)}."
        raise ValueError(message)
    return tuple(given)


@final
class PairTreatments(nn.Module):
    r"""A mixture of the treatments of every pair, colder with every training step.

    $$e_p = \pi_{p,m} \, e^m_p + \pi_{p,f} \, e^f_p, \quad
    \pi_p = \mathrm{softmax}\left(\frac{a_p + g_p}{\tau}\right), \quad
    \tau = \max(0.01,\; 1 - 5 \cdot 10^{-5} t)$$

    The third share is that of the naive treatment, which adds nothing. The noise
    $g$ is drawn from a Gumbel distribution, once per pair and training step; in
    evaluation there is none. It depends on the seed and on the step alone, so several
    processes, and one that goes on after a break, draw the same. Parameters:
    ``3 * num_pairs``.

    Shape:
        - Input: two of ``(batch, pair, dim)``.
        - Output: ``(batch, pair, dim)``.

    Examples:
        >>> mixture = PairTreatments(1).eval()
        >>> sides = torch.full((1, 1, 2), 3.0), torch.full((1, 1, 2), 6.0)
        >>> mixture(*sides).tolist()
        [[[3.0, 3.0]]]

    Args:
        num_pairs: pairs of the input.
        gumbel: draw noise in training; the code of the paper does not.

    Attributes:
        logits: of each treatment of each pair, ``(pair, 3)``.
        step: training steps so far; saved with the weights, like ``seed``.
        seed: of the noise; drawn by torch.

    Raises:
        ValueError: if ``num_pairs`` is not positive.
    """

    step: Tensor
    seed: Tensor

    def __init__(self, num_pairs: int, *, gumbel: bool = True) -> None:
        check_positive("num_pairs", num_pairs)
        super().__init__()
        self.num_pairs = num_pairs
        self.gumbel = gumbel
        self.logits = nn.Parameter(torch.zeros(num_pairs, len(TREATMENTS)))
        # Whole numbers are not averaged with the weights.
        self.register_buffer("step", torch.zeros((), dtype=torch.int64))
        self.register_buffer("seed", torch.randint(2**62, ()))

    def extra_repr(self) -> str:
        """What the step and the weights do not tell."""
        return f"num_pairs={self.num_pairs}, gumbel={self.gumbel}"

    @property
    def temperature(self) -> Float[Tensor, ""]:
        """Of the next step, without asking the device for it."""
        cooled: Tensor = 1 - COOLING * self.step.to(self.logits.dtype)
        return cooled.clamp(min=LOWEST_TEMPERATURE)

    def forward(
        self,
        memorized: Float[Tensor, "batch pair dim"],
        factorized: Float[Tensor, "batch pair dim"],
    ) -> Float[Tensor, "batch pair dim"]:
        """Mix what each treatment makes of a pair.

        Args:
            memorized: one vector per row and pair.
            factorized: another one.

        Returns:
            Their mixture.
        """
        with autocast("float32", memorized.device.type):
            scores: Tensor = self.logits
            if self.training and self.gumbel:
                scores = scores + self._gumbel()
            shares = torch.softmax(scores / self.temperature, dim=1)
        if self.training:
            self.step.add_(1)
        shares = shares.to(memorized.dtype)
        return memorized * shares[:, :1] + factorized * shares[:, 1:2]

    @torch.no_grad()
    def probabilities(self) -> Float[Tensor, "pair 3"]:
        """How likely each treatment is at temperature 1, where none is certain.

        Returns:
            Shares that add up to one for each pair.
        """
        return torch.softmax(self.logits.cpu().double(), dim=1)

    def choices(self) -> tuple[str, ...]:
        """The treatment of each pair with the largest logit.

        Returns:
            Names of ``TREATMENTS``; of equal ones the cheapest.
        """
        cheapest_first = range(len(TREATMENTS) - 1, -1, -1)
        return tuple(
            TREATMENTS[max(cheapest_first, key=row.__getitem__)]
            for row in self.logits.tolist()
        )

    def _gumbel(self) -> Float[Tensor, "pair 3"]:
        """Noise for this step, without a random state and without a wait."""
        num_draws = self.logits.numel()
        numbers = torch.arange(num_draws, device=self.step.device)
        bits = _mixed(self.seed + self.step * num_draws + numbers) >> 40
        # 23 bits, and a half: neither 0 nor 1, in float32 as well.
        uniform = ((bits & (2**23 - 1)).to(self.logits.dtype) + 0.5) / 2**23
        return -(-uniform.log()).log().view_as(self.logits)


def _mixed(counters: Int[Tensor, " draw"]) -> Int[Tensor, " draw"]:
    """Make numbers that follow each other look random (``splitmix64``)."""
    mixed = counters * GOLDEN
    for shift, factor in ((30, FIRST), (27, SECOND), (31, 1)):
        # A shift of a signed number brings ones from the left; these are masked.
        mixed = (mixed ^ ((mixed >> shift) & (2 ** (64 - shift) - 1))) * factor
    return mixed
