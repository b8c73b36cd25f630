"""What is read off the tables of a curve."""

import pytest
from scipy.stats import ttest_ind

from fieldwise.search import FieldCurve
from fieldwise.search.curve_table import make_tables
from tests.search.made_up import made_up


def result(aucs, chosen, **changes):
    return FieldCurve(*make_tables(made_up(aucs, **changes)), "test", chosen)


def test_fields_of_the_chosen_method():
    found = result({"a": {0: (0.6, 0.9)}, "b": {0: (0.5, 0.6)}}, "a")

    assert found.num_fields == 2
    assert found.errors == {}


def test_nothing_chosen_and_errors():
    found = result({"a": {0: (0.6, None)}}, None)

    assert found.num_fields is None
    assert found.errors == {"a": "ValueError: the loss is nan"}


def test_the_chosen_method_beside_chance():
    own = {0: (0.8, 0.9), 1: (0.82, 0.9)}
    chance = {0: (0.5, 0.6), 1: (0.7, 0.9), 2: (0.6, 0.8)}
    found = result({"a": own, "random": chance}, "a")

    areas = [
        [sum(point - 0.5 for point in seed) for seed in each.values()]
        for each in (own, chance)
    ]
    expected = ttest_ind(*areas, equal_var=False).statistic
    assert found.ahead_of_chance == pytest.approx(expected)


@pytest.mark.parametrize("aucs", [{}, {"random": {0: (0.5, 0.6)}}])
def test_nothing_to_compare_with(aucs):
    assert result({"a": {0: (0.6, 0.9)}} | aucs, "a").ahead_of_chance is None
