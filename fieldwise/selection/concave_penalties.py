"""Penalties that make small weights zero and leave large ones alone.

Source: Fan, Li, "Variable Selection via Nonconcave Penalized Likelihood and its Oracle
Properties", JASA 2001 (SCAD); Zhang, "Nearly Unbiased Variable Selection under Minimax
Concave Penalty", Annals of Statistics 2010 (MCP).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["PENALTIES", "Penalty", "mcp", "scad"]

Vector = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Penalty:
    r"""A penalty $\lambda |x| + h(x)$ whose concave part h makes large weights free.

    Args:
        value: the whole penalty of each weight, of weights and ``lambda``.
        slope: the derivative of h, of weights and ``lambda``.
        curvature: the largest one of -h.
    """

    value: Callable[[Vector, float], Vector]
    slope: Callable[[Vector, float], Vector]
    curvature: float


def scad(shape: float = 3.7) -> Penalty:
    """Smoothly clipped absolute deviation.

    Examples:
        >>> scad().value(np.array([0.5, 1.0, 2.0, 3.7, 10.0]), 1.0).round(6)
        array([0.5     , 1.      , 1.814815, 2.35    , 2.35    ])

    Args:
        shape: times ``lambda`` is the weight from which on all cost the same.

    Returns:
        The penalty.
    """

    def value(weights: Vector, strength: float) -> Vector:
        x = np.abs(weights)
        middle = 2 * shape * strength * x - x**2 - strength**2
        return np.where(
            x <= strength,
            strength * x,
            np.where(
                x <= shape * strength,
                middle / (2 * (shape - 1)),
                strength**2 * (shape + 1) / 2,
            ),
        )

    def slope(weights: Vector, strength: float) -> Vector:
        x = np.abs(weights)
        inside = np.clip((strength - x) / (shape - 1), -strength, 0.0)
        return np.sign(weights) * inside

    return Penalty(value, slope, 1 / (shape - 1))


def mcp(shape: float = 2.0) -> Penalty:
    """Minimax concave penalty.

    Examples:
        >>> mcp().value(np.array([0.5, 1.0, 2.0, 5.0]), 1.0)
        array([0.4375, 0.75  , 1.    , 1.    ])

    Args:
        shape: times ``lambda`` is the weight from which on all cost the same.

    Returns:
        The penalty.
    """

    def value(weights: Vector, strength: float) -> Vector:
        x = np.minimum(np.abs(weights), shape * strength)
        return strength * x - x**2 / (2 * shape)

    def slope(weights: Vector, strength: float) -> Vector:
        return -np.clip(weights / shape, -strength, strength)

    return Penalty(value, slope, 1 / shape)


PENALTIES = {"mcp": mcp(), "scad": scad()}
"""By name, with the shapes of their papers."""
