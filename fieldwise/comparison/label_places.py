"""Where to write the names of points so that none covers another one or a point."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "place_labels"]

DISTANCES = (9, 14, 20, 28, 38, 50, 64, 80, 100, 125, 155, 190)
"""Of a name from its point, nearest first, in pixels."""
DIRECTIONS = 24
POINT = 5.0
"""Half the width of a point, in pixels."""
GAP = 2.0
CROSSING = 60.0
"""A line that crosses another one is as bad as one that is longer by this."""

Number = int | float
Place = tuple[Number, Number]
Array = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels.

    Args:
        x: of its centre.
        y: of its centre.
        width: from side to side.
        height: from side to side.
    """

    x: Number
    y: Number
    width: Number
    height: Number

    def edge_towards(self, x: Number, y: Number) -> Place:
        """Where a line from the centre to a point leaves the rectangle.

        Examples:
            >>> Box(0, 0, 20, 10).edge_towards(40, 0)
            (10.0, 0.0)

        Args:
            x: of the point.
            y: of the point.

        Returns:
            A place on the border; the point itself, if it is inside.
        """
        across, down = x - self.x, y - self.y
        shares = [
            side / 2 / abs(step)
            for side, step in ((self.width, across), (self.height, down))
            if step
        ]
        share = min([1.0, *shares])
        return self.x + share * across, self.y + share * down


def place_labels(
    points: Sequence[Place], sizes: Sequence[Place], *, width: Number, height: Number
) -> list[Box]:
    """Find a place for the name of each point.

    One after the other takes the nearest free place around its point; those in the
    densest crowd choose first.

    Examples:
        >>> places = place_labels([(50, 50)], [(30, 10)], width=200, height=100)
        >>> places[0].width, abs(places[0].x - 50) < 40
        (30.0, True)

    Args:
        points: in pixels from the upper left corner.
        sizes: width and height of each name.
        width: of the area.
        height: of the area.

    Returns:
        The rectangle of each name; where there is no free place, the nearest one
        within the area.
    """
    dots = np.array(points, dtype=np.float64).reshape(-1, 2)
    extents = np.array(sizes, dtype=np.float64).reshape(-1, 2)
    area = np.array([width, height], dtype=np.float64)
    taken = np.hstack([dots, np.full_like(dots, 2 * POINT)])
    chosen = np.full_like(dots, np.nan)
    for index in _by_crowd(dots):
        point, extent = dots[index], extents[index]
        centres = _candidates(point, extent)
        inside = np.all(
            (centres >= extent / 2) & (centres <= area - extent / 2), axis=1
        )
        # A name that finds no place within the area stands on its point.
        centres = centres[inside] if inside.any() else point[None, :]
        cost = _costs(point, extent, centres, dots, chosen)
        cost[_overlap_any(centres, extent + np.array([2 * GAP, GAP]), taken)] += 1e6
        chosen[index] = centres[np.argmin(cost)]
        taken = np.vstack([taken, np.hstack([chosen[index], extent])])
    return [
        Box(*map(float, (*place, *extent)))
        for place, extent in zip(chosen, extents, strict=True)
    ]


def _by_crowd(dots: Array) -> list[int]:
    """Points in the order of their distance to the three nearest other points."""
    steps = np.linalg.norm(dots[:, None] - dots[None, :], axis=2)
    nearest = np.sort(steps, axis=1)[:, 1:4]
    return [int(index) for index in np.argsort(nearest.sum(axis=1), kind="stable")]


def _candidates(point: Array, extent: Array) -> Array:
    """Centres around a point, ``(candidate, 2)``."""
    angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    reach = np.array(DISTANCES)[:, None, None] + extent / 2
    return np.asarray((point + directions * reach).reshape(-1, 2))


def _overlap_any(centres: Array, extent: Array, boxes: Array) -> NDArray[np.bool_]:
    """Whether a rectangle at each centre shares more than a border with any box."""
    apart = np.abs(centres[:, None] - boxes[None, :, :2])
    touching = (extent + boxes[None, :, 2:]) / 2
    overlapping = np.all(apart < touching, axis=2)
    return np.asarray(np.any(overlapping, axis=1))


def _costs(
    point: Array, extent: Array, centres: Array, dots: Array, chosen: Array
) -> Array:
    """How far each place is from its point, and how many lines its own one crosses."""
    gaps = np.maximum(0.0, np.abs(centres - point) - extent / 2)
    done = ~np.isnan(chosen[:, 0])
    starts, ends = dots[done][None, :], chosen[done][None, :]
    here, there = np.broadcast_to(point, centres.shape)[:, None], centres[:, None]
    crossed = (_side(here, there, starts) != _side(here, there, ends)) & (
        _side(starts, ends, here) != _side(starts, ends, there)
    )
    return np.asarray(np.linalg.norm(gaps, axis=1) + CROSSING * crossed.sum(axis=1))


def _side(a: Array, b: Array, c: Array) -> NDArray[np.bool_]:
    """On which side of the line from a to b the point c is."""
    first, second = b - a, c - a
    return np.asarray(first[..., 0] * second[..., 1] > first[..., 1] * second[..., 0])
