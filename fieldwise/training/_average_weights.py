"""A running mean of the weights along the path of training.

Source: Polyak, Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM
Journal on Control and Optimization 1992; in its exponential form as in Izmailov et al.,
"Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018,
https://arxiv.org/abs/1803.05407.
Differences from the sources: the mean forgets within a stated number of steps, and is
plain until so many have passed, so it needs no correction for its start.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import final

import torch
from torch import Tensor, nn

__all__ = ["AverageWeights"]

UPDATES_PER_HORIZON = 50
"""The mean hardly changes with more, and each update reads every table once."""


@final
class AverageWeights:
    """Follows a model; its own weights take the model's place for a while when asked.

    Args:
        model: the model, on the device where it is trained.
        horizon: steps after which a weight counts for a third.
    """

    def __init__(self, model: nn.Module, *, horizon: int) -> None:
        state = model.state_dict().values()
        self._live = [value for value in state if value.is_floating_point()]
        self._mean = [value.clone() for value in self._live]
        self._every = max(1, horizon // UPDATES_PER_HORIZON)
        self._least_share = min(1.0, self._every / horizon)
        self._num_steps = 0

    def count_step(self) -> bool:
        """Count a step.

        Returns:
            Whether ``update`` should follow: the weights of few steps count.
        """
        self._num_steps += 1
        return self._num_steps % self._every == 0

    @torch.no_grad()
    def update(self) -> None:
        """Take the present weights into the mean."""
        num_updates = self._num_steps // self._every
        share = max(1.0 / num_updates, self._least_share)
        torch._foreach_lerp_(self._mean, self._live, share)

    @torch.no_grad()
    def install(self) -> None:
        """Give the model the mean for good."""
        for live, mean in zip(self._live, self._mean, strict=True):
            live.copy_(mean)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Give the model the mean while the block runs."""
        kept = [value.clone() for value in self._live]
        try:
            self.install()
            yield
        finally:
            self._put_back(kept)

    @property
    def num_steps(self) -> int:
        """Steps that were followed."""
        return self._num_steps

    def tensors(self) -> dict[str, Tensor]:
        """The mean, for a checkpoint."""
        return {str(number): mean for number, mean in enumerate(self._mean)}

    @torch.no_grad()
    def adopt(self, tensors: Mapping[str, Tensor], num_steps: int) -> None:
        """Go on with the mean of an earlier process.

        Args:
            tensors: what its ``tensors`` returned.
            num_steps: that it had followed.
        """
        for number, mean in enumerate(self._mean):
            mean.copy_(tensors[str(number)])
        self._num_steps = num_steps

    @torch.no_grad()
    def _put_back(self, kept: list[Tensor]) -> None:
        for live, value in zip(self._live, kept, strict=True):
            live.copy_(value)
