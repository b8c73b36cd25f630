"""Penalties by hand, and the slopes of their concave parts."""

import numpy as np
import pytest

from fieldwise.selection.concave_penalties import PENALTIES


@pytest.mark.parametrize(
    ("penalty", "weights", "values"),
    [
        # SCAD, a = 3.7: x | (2 a x - x^2 - 1) / (2 (a - 1)) at 2: 9.8 / 5.4 | 4.7 / 2.
        ("scad", [0.5, 1, 2, 3.7, 10], [0.5, 1, 9.8 / 5.4, 2.35, 2.35]),
        # MCP, gamma = 2: x - x^2 / 4 up to 2, then 1.
        ("mcp", [0.5, 1, 2, 5], [0.4375, 0.75, 1, 1]),
    ],
)
def test_penalties_by_hand(penalty, weights, values):
    found = PENALTIES[penalty].value(np.array(weights, dtype=float), 1.0)

    np.testing.assert_allclose(found, values)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("strength", [0.3, 1.0])
def test_the_slope_is_that_of_the_concave_part(penalty, strength):
    weights = np.array([-9.0, -2.2, -0.7, -0.1, 0.1, 0.5, 1.7, 3.9])
    value, step = PENALTIES[penalty].value, 1e-6

    def concave(x):
        return value(x, strength) - strength * np.abs(x)

    expected = (concave(weights + step) - concave(weights - step)) / (2 * step)

    found = PENALTIES[penalty].slope(weights, strength)

    np.testing.assert_allclose(found, expected, atol=1e-7)
