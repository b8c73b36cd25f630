"""The area under the curve: golden values, and what it must not depend on."""

import pytest

from fieldwise.search.aukc import aukc, fewest_within

# AUC of DeepFM by number of fields, as the authors' repository prints them.
CRITEO = (5, 10, 15, 20, 25, 30, 33, 36)
AVAZU = (5, 10, 15, 17, 19, 21)
PRINTED = [
    (CRITEO, (68871, 75147, 78467, 78963, 79280, 79640, 79951, 79934), 0.554693),
    (CRITEO, (67301, 71589, 74908, 78106, 79202, 79519, 79600, 79760), 0.525028),
    (AVAZU, (75727, 77858, 78546, 78609, 78611, 78598), 0.558194),
    (AVAZU, (70763, 75739, 76537, 76976, 78418, 78552), 0.516028),
]


@pytest.mark.parametrize(("grid", "aucs", "expected"), PRINTED)
def test_golden_values(grid, aucs, expected):
    assert aukc(grid, [auc / 1e5 for auc in aucs]) == pytest.approx(expected, abs=1e-5)


def test_by_hand():
    # Heights .2, .4, 1: 2 * (.2 + .4) / 2 + 6 * (.4 + 1) / 2 = 4.8 of a width of 8.
    assert aukc([2, 4, 10], [0.6, 0.7, 1.0]) == pytest.approx(4.8 / 8)


def test_a_constant_curve():
    assert aukc([3, 4, 9, 30], [0.75] * 4) == pytest.approx(0.5)
    assert aukc([7], [0.75]) == pytest.approx(0.5)


def test_a_point_on_the_straight_line_changes_nothing():
    with_point = aukc([2, 5, 8, 20], [0.6, 0.65, 0.7, 0.8])

    assert with_point == pytest.approx(aukc([2, 8, 20], [0.6, 0.7, 0.8]))


@pytest.mark.parametrize("grid", [[], [5, 5], [5, 3]])
def test_a_grid_must_grow(grid):
    with pytest.raises(ValueError, match="grid must hold growing numbers"):
        aukc(grid, [0.7] * len(grid))


def test_unequal_grids_are_refused():
    with pytest.raises(ValueError, match="aucs must be 3, one per number, got 2"):
        aukc([1, 2, 3], [0.7, 0.8])


@pytest.mark.parametrize(
    ("limit", "expected"), [(0.29, None), (0.2999, 20), (0.3, 10), (0.32, 5)]
)
def test_fewest_fields(limit, expected):
    # A tolerance of .1 %: .3003 is still near enough to .3.
    losses = {5: 0.31, 10: 0.30029, 20: 0.30019}

    assert fewest_within(losses, limit) == expected
