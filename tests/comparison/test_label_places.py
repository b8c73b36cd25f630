"""No name covers another name or a point."""

from itertools import combinations

import numpy as np
import pytest

from fieldwise.comparison.label_places import POINT, Box, place_labels

WIDTH, HEIGHT = 460, 420


def overlap(one, other):
    return (
        abs(one.x - other.x) < (one.width + other.width) / 2
        and abs(one.y - other.y) < (one.height + other.height) / 2
    )


def is_inside(box):
    return (
        box.width / 2 <= box.x <= WIDTH - box.width / 2
        and box.height / 2 <= box.y <= HEIGHT - box.height / 2
    )


def test_edges_by_hand():
    box = Box(10, 10, 8, 4)

    assert box.edge_towards(10, 30) == (10, 12)
    assert box.edge_towards(11, 10) == (11, 10)
    assert box.edge_towards(10, 10) == (10, 10)


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_of_thirty(seed):
    rng = np.random.default_rng(seed)
    # Most systems have about the same size and the same AUC.
    points = [
        (float(x), float(y))
        for x, y in zip(rng.normal(230, 60, 30), rng.normal(120, 30, 30), strict=True)
    ]
    sizes = [(6.0 * int(rng.integers(2, 11)), 12.0) for _ in points]

    boxes = place_labels(points, sizes, width=WIDTH, height=HEIGHT)

    dots = [Box(x, y, 2 * POINT, 2 * POINT) for x, y in points]
    assert all(map(is_inside, boxes))
    assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
    assert not any(overlap(box, dot) for box in boxes for dot in dots)


def test_a_single_point_is_named_beside_it():
    (box,) = place_labels([(100, 100)], [(30, 12)], width=200, height=200)

    assert abs(box.x - 100) <= 30
    assert abs(box.y - 100) <= 20


def test_no_room_at_all():
    boxes = place_labels([(5, 5)] * 3, [(30, 12)] * 3, width=10, height=10)

    assert len(boxes) == 3
    assert place_labels([], [], width=10, height=10) == []
