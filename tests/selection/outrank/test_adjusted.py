import numpy as np
import pytest
from sklearn.metrics import adjusted_mutual_info_score

from fieldwise.selection.outrank.adjusted import adjusted
from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.target import Target


def column(codes):
    codes = np.asarray(codes, dtype=np.intp)
    return Column(codes, int(codes.max()) + 1)


def test_four_rows_by_hand():
    # Two values of two rows each meet two labels of two rows each: handed to other
    # rows, they say all with probability 1/3, and nothing else: E = ln 2 / 3. The field
    # says nothing, and both entropies are ln 2: (0 - E) / (ln 2 - E) = -1/2.
    field, label = column([0, 1, 0, 1]), column([0, 0, 1, 1])

    assert adjusted(Target(label), field) == pytest.approx(-0.5)
    assert adjusted(Target(label), label) == pytest.approx(1.0)


@pytest.mark.parametrize("sizes", [(2, 2), (30, 2), (300, 2), (40, 7)])
def test_scikit_learn_says_the_same(sizes):
    random = np.random.default_rng(sum(sizes))
    field, label = (random.integers(0, size, 1000) for size in sizes)
    expected = adjusted_mutual_info_score(label, field)

    assert adjusted(Target(column(label)), column(field)) == pytest.approx(expected)


def test_nothing_can_be_said_by_a_constant_or_about_one():
    constant, other = column([0, 0, 0]), column([0, 1, 1])

    assert adjusted(Target(other), constant) == 0.0
    assert adjusted(Target(constant), other) == 0.0
    assert adjusted(Target(constant), constant) == 0.0
    assert adjusted(Target(column([0])), column([0])) == 0.0


def test_values_that_never_repeat_say_nothing():
    label = np.random.default_rng(0).integers(0, 2, 100)

    found = adjusted(Target(column(label)), column(np.arange(100)))

    assert found == pytest.approx(0.0, abs=1e-12)
