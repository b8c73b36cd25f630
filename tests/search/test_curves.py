"""Curves from made up fits: areas, and the choice of a method."""

import numpy as np
import pytest

from fieldwise.search.curves import Curves, best_method
from tests.search.made_up import made_up


def test_areas_by_hand():
    curves = made_up({"a": {0: (0.6, 0.8), 1: (0.7, 0.9)}}, valid=0.05)

    assert curves.areas("a", "measures") == pytest.approx({0: 0.4, 1: 0.6})
    assert curves.areas("a", "valid_measures") == pytest.approx({0: 0.5, 1: 0.7})


def test_a_seed_without_all_its_fits_has_no_area():
    curves = made_up({"a": {0: (0.6, 0.8), 1: (0.7, None)}})

    assert list(curves.areas("a", "measures")) == [0]


def test_the_best_method_is_chosen_on_validation_rows():
    # On the measured rows "b" is ahead, on the validation rows "a".
    better = {"a": {0: (0.6, 0.7)}, "b": {0: (0.7, 0.8)}}
    curves = made_up(better, valid={"a": 0.2, "b": 0.0})

    assert best_method(curves) == "a"


def test_controls_are_never_chosen():
    curves = made_up({"a": {0: (0.6, 0.7)}, "random": {0: (0.8, 0.9)}}, methods=("a",))

    assert best_method(curves) == "a"


def test_nothing_to_choose():
    curves = made_up({"a": {0: (0.6, None)}})

    assert best_method(curves) is None


def test_names_and_fields():
    curves = made_up({"a": {0: (0.6, 0.7)}, "b": {0: (0.6, 0.7)}})

    assert isinstance(curves, Curves)
    assert curves.names == ["a", "b"]
    assert len(curves.fields) == 4
    assert list(curves.found_by("b")) == [0]
    assert np.all(curves.found_by("a")[0].scores >= 0)
