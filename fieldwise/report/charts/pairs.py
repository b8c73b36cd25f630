"""Interactions of pairs of fields: as a heat map, and as a network."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise.importance.chart_style import chart_data, need_altair
from fieldwise.report.charts.palette import role, to_spec
from fieldwise.report.figures import crossed

__all__ = ["CELL", "NETWORK_HEIGHT", "draw_heat_map", "draw_network"]

CELL, NETWORK_HEIGHT = 24, 430
THICKEST = 7.0

Pair = tuple[str, str]


def draw_heat_map(
    scores: Mapping[Pair, float], fields: Sequence[str]
) -> dict[str, Any]:
    """Draw each pair as a cell on both sides of the diagonal.

    Args:
        scores: by pair.
        fields: rows and columns, in order.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    points = [
        {"x": x, "y": y, "score": score}
        for (one, other), score in scores.items()
        if {one, other} <= set(fields)
        for x, y in ((one, other), (other, one))
    ]
    order = list(fields)
    axis = alt.Axis(ticks=False, labelAngle=-60, labelLimit=110)
    chart = (
        alt.Chart(chart_data(points))
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X("x:N", sort=order, title=None, axis=axis),
            y=alt.Y("y:N", sort=order, title=None, axis=alt.Axis(ticks=False)),
            color=alt.Color(
                "score:Q",
                title="score",
                scale=alt.Scale(range=[role("faint"), role("main")]),
            ),
            tooltip=[
                alt.Tooltip("x:N", title="field"),
                alt.Tooltip("y:N", title="with"),
                alt.Tooltip("score:Q", format=".4~g"),
            ],
        )
    )
    height = CELL * len(fields)
    return to_spec(chart.properties(width="container", height=height))


def draw_network(scores: Mapping[Pair, float], fields: Sequence[str]) -> dict[str, Any]:
    """Draw fields on a circle, and a line for each pair, thicker for higher scores.

    Args:
        scores: by pair, positive ones; the strongest few.
        fields: around the circle, in order.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    places = _circle(fields)
    top = max(scores.values())
    lines = [
        {
            "x": places[one][0],
            "y": places[one][1],
            "x2": places[other][0],
            "y2": places[other][1],
            "pair": crossed((one, other)),
            "score": score,
            "width": max(0.6, THICKEST * score / top),
        }
        for (one, other), score in scores.items()
    ]
    strength = dict.fromkeys(fields, 0.0)
    for pair, score in scores.items():
        for field in pair:
            strength[field] += score
    dots = [
        {
            "field": field,
            "x": x,
            "y": y,
            "label_x": x * 1.07,
            "label_y": y * 1.12,
            "strength": strength[field],
        }
        for field, (x, y) in places.items()
    ]
    wide = alt.Scale(domain=[-1.75, 1.75])
    x = alt.X("x:Q", axis=None, scale=wide)
    up = alt.Scale(domain=[-1.25, 1.25])
    edges = (
        alt.Chart(chart_data(lines))
        .mark_rule(color=role("main"), opacity=0.55)
        .encode(
            x=x,
            y=alt.Y("y:Q", axis=None, scale=up),
            x2="x2:Q",
            y2="y2:Q",
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
            tooltip=[
                alt.Tooltip("pair:N", title=" "),
                alt.Tooltip("score:Q", format=".4~g"),
            ],
        )
    )
    base = alt.Chart(chart_data(dots)).encode(x=x)
    nodes = base.mark_circle(color=role("ink"), opacity=1, size=90).encode(
        y=alt.Y("y:Q", axis=None, scale=up),
        tooltip=[
            alt.Tooltip("field:N", title=" "),
            alt.Tooltip("strength:Q", title="sum of its pairs", format=".4~g"),
        ],
    )
    # Beside a node at the side, above or below one at the top or bottom.
    side = "datum.x > 0.2 ? 'left' : datum.x < -0.2 ? 'right' : 'center'"
    names = base.mark_text(
        color=role("ink"), fontSize=12, limit=110, align=alt.ExprRef(expr=side)
    ).encode(
        x=alt.X("label_x:Q", axis=None, scale=wide),
        y=alt.Y("label_y:Q", axis=None, scale=up),
        text="field:N",
    )
    chart = alt.layer(edges, nodes, names)
    return to_spec(chart.properties(width="container", height=NETWORK_HEIGHT))


def _circle(fields: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Places around a circle, the first at the top."""
    step = 2 * math.pi / max(1, len(fields))
    return {
        field: (math.sin(step * place), math.cos(step * place))
        for place, field in enumerate(fields)
    }
