"""A linear layer of few connections that are rewired while it learns.

Source: Mocanu et al., "Scalable Training of Artificial Neural Networks with Adaptive
Sparse Connectivity inspired by Network Science", Nature Communications 2018,
https://arxiv.org/abs/1707.04780 (sparse evolutionary training).
Differences from the paper: connections are drawn without replacement, so their number
is exact.
"""

from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

__all__ = ["SparseLayer"]

INIT_STD = 0.1
MOMENTUM = 0.9


@final
class SparseLayer:
    """Maps rows by the weights of its connections; nothing is stored of the others.

    Args:
        in_features: inputs.
        out_features: outputs.
        density: connections, in units of inputs and outputs together; at most all.
        random: draws connections and weights.

    Attributes:
        matrix: the weights, ``(in_features, out_features)``, sparse.
        bias: one per output.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        density: float,
        random: np.random.Generator,
    ) -> None:
        self._shape = (in_features, out_features)
        size = in_features * out_features
        count = min(size, round(density * (in_features + out_features)))
        self._random = random
        self._connect(
            _empty_places(random, np.empty(0, dtype=np.int64), size, count),
            random.normal(0.0, INIT_STD, count),
            np.zeros(count),
        )
        self.bias = np.zeros(out_features)
        self._bias_speeds = np.zeros(out_features)

    def __len__(self) -> int:
        return len(self.matrix.data)

    @property
    def places(self) -> NDArray[np.int64]:
        """Connections by number, ``input * out_features + output``, rising."""
        found: NDArray[np.int64] = (
            self._inputs * self._shape[1] + self.matrix.indices
        ).astype(np.int64)
        return found

    @property
    def speeds(self) -> NDArray[np.float64]:
        """What the momentum holds of each connection, in the order of ``places``."""
        return self._speeds

    def strengths(self) -> NDArray[np.float64]:
        """Sum of the lengths of the weights of each input, ``(in_features,)``."""
        lengths = np.abs(self.matrix.data)
        sums = np.bincount(self._inputs, lengths, minlength=self._shape[0])
        return sums.astype(np.float64)

    def degrees(self) -> NDArray[np.float64]:
        """Connections of each input, ``(in_features,)``."""
        counts: NDArray[np.float64] = np.diff(self.matrix.indptr).astype(np.float64)
        return counts

    def forward(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map rows.

        Args:
            rows: ``(batch, in_features)``.

        Returns:
            ``(batch, out_features)``.
        """
        mapped: NDArray[np.float64] = rows @ self.matrix + self.bias
        return mapped

    def backward(self, gradient: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bring a gradient from the outputs to the inputs.

        Args:
            gradient: ``(batch, out_features)``.

        Returns:
            ``(batch, in_features)``.
        """
        brought: NDArray[np.float64] = gradient @ self.matrix.T
        return brought

    def step(
        self,
        rows: NDArray[np.float64],
        gradient: NDArray[np.float64],
        *,
        learning_rate: float,
        decay: float,
    ) -> None:
        """Move weights and bias against their gradient, with momentum.

        Args:
            rows: what was mapped, ``(batch, in_features)``.
            gradient: of the outputs, ``(batch, out_features)``.
            learning_rate: of the gradient.
            decay: share of itself that every weight loses.
        """
        # Only connections have a gradient: one inner product over the batch each.
        slopes = np.einsum(
            "kb,kb->k",
            np.ascontiguousarray(rows.T)[self._inputs],
            np.ascontiguousarray(gradient.T)[self.matrix.indices],
        )
        self._speeds *= MOMENTUM
        self._speeds -= learning_rate * slopes
        self.matrix.data += self._speeds - decay * self.matrix.data
        self._bias_speeds *= MOMENTUM
        self._bias_speeds -= learning_rate * gradient.sum(axis=0)
        self.bias += self._bias_speeds

    def rewire(self, share: float) -> None:
        """Drop the weakest connections of each sign, and draw as many elsewhere.

        Args:
            share: of the positive and of the negative connections.
        """
        weights = self.matrix.data
        kept = np.ones(len(self), dtype=bool)
        for sign in (1, -1):
            own = np.flatnonzero(sign * weights > 0)
            weakest = np.argsort(np.abs(weights[own]), kind="stable")
            kept[own[weakest[: int(share * len(own))]]] = False
        places, dropped = self.places[kept], int(np.count_nonzero(~kept))
        size = self._shape[0] * self._shape[1]
        self._connect(
            np.append(places, _empty_places(self._random, places, size, dropped)),
            np.append(weights[kept], self._random.normal(0.0, INIT_STD, dropped)),
            np.append(self._speeds[kept], np.zeros(dropped)),
        )

    def _connect(
        self,
        places: NDArray[np.int64],
        weights: NDArray[np.float64],
        speeds: NDArray[np.float64],
    ) -> None:
        order = np.argsort(places)
        inputs, outputs = np.divmod(places[order], self._shape[1])
        starts = np.searchsorted(inputs, np.arange(self._shape[0] + 1))
        self.matrix = csr_array((weights[order], outputs, starts), shape=self._shape)
        self._inputs = inputs
        self._speeds = speeds[order]


def _empty_places(
    random: np.random.Generator, taken: NDArray[np.int64], size: int, count: int
) -> NDArray[np.int64]:
    """Draw different numbers below a size that are not among rising taken ones."""
    ranks = random.choice(size - len(taken), count, replace=False)
    # So many numbers that are not taken lie before each one that is.
    before = taken - np.arange(len(taken))
    found: NDArray[np.int64] = ranks + np.searchsorted(before, ranks, side="right")
    return found
