"""Charts of scores: what is drawn, and what is needed to draw it."""

import sys

import numpy as np
import pytest

from fieldwise.errors import DataError, MissingExtraError
from fieldwise.importance import Importance


def make(scores, names, unit="field"):
    return Importance(unit, tuple(names), np.array(scores, float), "share", "by hand")


def values(chart):
    return chart.to_dict()["data"]["values"]


def test_bars_from_the_highest_score_down(tmp_path):
    pytest.importorskip("altair")
    chart = make([0.1, -0.2, 0.5], ["a", "b", "c"]).plot()

    chart.save(tmp_path / "scores.svg")

    assert [point["unit"] for point in values(chart)] == ["c", "a", "b"]
    assert chart.to_dict()["mark"]["type"] == "bar"
    assert "share, by by hand" in (tmp_path / "scores.svg").read_text("utf-8")


def test_pairs_stand_on_both_sides_of_the_diagonal():
    pytest.importorskip("altair")
    chart = make([0.1, 0.5], [("a", "b"), ("a", "c")], unit="pair").plot()

    assert chart.to_dict()["mark"]["type"] == "rect"
    places = {(point["x"], point["y"]): point["score"] for point in values(chart)}
    assert places == {
        ("a", "b"): 0.1,
        ("b", "a"): 0.1,
        ("a", "c"): 0.5,
        ("c", "a"): 0.5,
    }


def test_larger_crosses_are_bars():
    pytest.importorskip("altair")
    chart = make([0.1, 0.5], [("a", "b", "c"), ("a", "b")], unit="cross").plot()

    assert [point["unit"] for point in values(chart)] == ["a x b", "a x b x c"]


def test_of_many_the_first_are_drawn():
    pytest.importorskip("altair")
    chart = make(range(100), [f"f{place}" for place in range(100)]).plot()

    assert len(values(chart)) == 40
    assert values(chart)[0] == {"unit": "f99", "score": 99.0}
    assert "the first 40 of 100 fields" in str(chart.to_dict()["title"])


def test_nothing_to_draw():
    with pytest.raises(DataError, match="units to draw, got none"):
        make([], []).plot()


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[report\]'"):
        make([1], ["a"]).plot()
