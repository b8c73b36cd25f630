"""Specifications that Vega-Lite accepts, and colours that the page gives."""

import json

import numpy as np
import pytest
import vl_convert

from fieldwise.importance.cloud_charts import widest_pairs
from fieldwise.report.charts.bars import draw_bars
from fieldwise.report.charts.clouds import draw_halo, draw_swarm
from fieldwise.report.charts.intervals import draw_intervals
from fieldwise.report.charts.lines import draw_lines
from fieldwise.report.charts.pairs import draw_heat_map, draw_network
from fieldwise.report.charts.palette import ROLES, role
from fieldwise.report.charts.reliability import draw_reliability
from fieldwise.report.cloud_files import Cloud
from tests.report.made_up import HOSTILE, cloud

POINT = {"predicted": 0.1, "happened": 0.2, "rows": 10.0, "low": 0.05, "high": 0.3}
PAIRS = {(HOSTILE[0], HOSTILE[1]): 0.5, (HOSTILE[1], HOSTILE[2]): 0.25}

SPECS = {
    "bars": lambda: draw_bars(
        [{"unit": HOSTILE[0], "score": 1.0, "low": 0.5, "high": 1.5}], title="score"
    ),
    "halo": lambda: draw_halo(cloud(), 0),
    "heat map": lambda: draw_heat_map(PAIRS, HOSTILE[:3]),
    "intervals": lambda: draw_intervals(
        [{"name": "fm", "value": 1.0, "low": 1.0, "high": 1.0, "kind": "best"}],
        title="AUC",
    ),
    "lines": lambda: draw_lines(
        [{"series": "a", "x": 1, "y": 0.5, "dashed": False}], x="epoch", y="loss"
    ),
    "network": lambda: draw_network(PAIRS, HOSTILE[:3]),
    "reliability": lambda: draw_reliability([{"series": "after", **POINT}]),
    # vl-convert stumbles over an emoji that a long label is cut in; browsers do not.
    "swarm": lambda: draw_swarm(cloud(HOSTILE[4:])),
}


@pytest.mark.parametrize("name", SPECS)
def test_specification_is_drawn(name):
    spec = SPECS[name]()

    params = [{"name": each, "value": "#123456"} for each in ROLES]
    whole = {**spec, "params": [*params, *spec.get("params", [])]}
    svg = vl_convert.vegalite_to_svg(json.dumps(whole))
    assert spec["width"] == "container"
    assert "config" not in spec
    assert svg.count("aria-roledescription=") > 0
    assert "<script>window" not in svg


def test_no_such_colour():
    with pytest.raises(ValueError, match="name must be one of"):
        role("pink")


@pytest.mark.parametrize(("added", "order"), [(0.0, [1, 0]), (1.0, [0, 1])])
def test_widest_range_within_the_set_comes_first(added, order):
    # The score of 5 counts only where its model is in the set.
    found = Cloud(
        title="by hand",
        names=(("a", "b"), ("a", "c")),
        scores=np.array([[0.0, 1.0], [0.0, 5.0]]),
        added=np.array([[0.0, 0.0], [0.0, added]]),
        directions=np.full((2, 2), 0.5),
        references=np.zeros(2),
        loss=0.5,
        epsilon=0.1,
    )

    assert widest_pairs(found) == order
