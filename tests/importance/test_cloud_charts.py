"""Clouds as charts: what is drawn where, in the colours that are asked for."""

import json
from dataclasses import dataclass

import numpy as np
import pytest

from fieldwise.importance.cloud_charts import (
    CloudColours,
    halo_chart,
    swarm_chart,
    triangles_chart,
    widest_pairs,
)

COLOURS = CloudColours(main="#000001", second="#000002", ink="#000003")


@dataclass
class Scores:
    names = (("a", "b"), ("a", "c"))
    scores = np.array([[1.0, 2.0, 90.0], [-3.0, 0.0, 0.5]])
    added = np.array([[0.0, 0.01, 0.02], [0.01, 0.0, 0.0]])
    directions = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    references = np.array([1.5, 0.1])
    epsilon = 0.01


def test_the_widest_range_within_the_set_comes_first():
    # 1..2 without the 90, which is outside of the set; -3..0.5.
    assert widest_pairs(Scores()) == [1, 0]


def test_a_swarm_has_the_models_of_the_set():
    chart = json.loads(swarm_chart(Scores(), COLOURS).to_json())

    dots, stars = (layer["data"]["values"] for layer in chart["layer"])
    assert [dot["score"] for dot in dots] == [-3.0, 0.0, 0.5, 1.0, 2.0]
    assert [star["score"] for star in stars] == [0.1, 1.5]
    assert chart["layer"][0]["encoding"]["color"]["scale"]["range"] == [
        "#000001",
        "#000002",
    ]
    assert chart["layer"][1]["mark"]["color"] == "#000003"


def test_a_halo_has_all_models_around_the_circle():
    chart = json.loads(halo_chart(Scores(), 0, COLOURS).to_json())

    ring, models = (layer["data"]["values"] for layer in chart["layer"])
    # At the angles 0, a quarter and a half, as far out as the loss added.
    places = [[model["x"], model["y"]] for model in models]
    np.testing.assert_allclose(places, [[0, 0], [0, 0.01], [-0.02, 0]], atol=1e-12)
    for point in ring:
        assert np.hypot(point["x"], point["y"]) == pytest.approx(0.01)
    assert "softer ← a → louder" in json.dumps(chart, ensure_ascii=False)


@dataclass
class Threes:
    names = (("a", "b", "c"),)
    scores = np.array([[1.0, 2.0]])
    added = np.array([[0.01, 0.03]])
    directions = np.array([[0.2, 0.3, 0.5], [-0.6, 0.2, -0.2]])
    references = np.array([1.5])
    epsilon = 0.01


def test_a_halo_of_three_fields_is_unfolded():
    chart = json.loads(triangles_chart(Threes(), 0, COLOURS).to_json())

    (one, other), texts = (layer["data"]["values"] for layer in chart["layer"])
    assert [one["ratio"], other["ratio"]] == pytest.approx([1.0, 3.0])
    # The corners of a, b and c are at (0, 0), (1, 0) and (1/2, sqrt 3 / 2) of a tile:
    # the first for louder fields, the sixth where only b is louder.
    assert [one["x"], one["y"]] == pytest.approx([0.3 + 0.25, 0.5 * 3**0.5 / 2])
    place = [1.25 + 0.2 + 0.1, -1.35 + 0.2 * 3**0.5 / 2]
    assert [other["x"], other["y"]] == pytest.approx(place)
    assert [other[f"share{number}"] for number in range(3)] == [0.6, 0.2, 0.2]
    assert len(texts) == 8
    assert [texts[0]["text"], texts[5]["text"]] == ["↑a ↑b ↑c", "↓a ↑b ↓c"]
