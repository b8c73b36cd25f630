"""Scores as bars, from the highest down."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise.importance.chart_style import chart_data, need_altair
from fieldwise.report.charts.palette import role, to_spec

__all__ = ["BAR_HEIGHT", "draw_bars"]

BAR_HEIGHT = 22


def draw_bars(points: Sequence[Mapping[str, Any]], *, title: str) -> dict[str, Any]:
    """Draw a bar for each unit.

    Args:
        points: with ``unit`` and ``score``, in order; ``low`` and ``high`` add a line
            for the spread.
        title: what a score says.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    order = [point["unit"] for point in points]
    row = alt.Y("unit:N", sort=order, title=None, axis=alt.Axis(ticks=False))
    base = alt.Chart(chart_data(points)).encode(y=row)
    colour = alt.condition(
        "datum.score > 0", alt.value(role("main")), alt.value(role("second"))
    )
    layers = [
        base.mark_bar(size=13, cornerRadiusEnd=2).encode(
            x=alt.X("score:Q", title=title, axis=alt.Axis(tickCount=5, format="~g")),
            color=colour,
            tooltip=[
                alt.Tooltip("unit:N", title=" "),
                alt.Tooltip("score:Q", format=".4~g"),
            ],
        )
    ]
    if points and "low" in points[0]:
        spread = base.mark_rule(color=role("ink"), strokeWidth=1.2)
        layers.append(spread.encode(x="low:Q", x2="high:Q"))
    height = BAR_HEIGHT * len(points)
    return to_spec(alt.layer(*layers).properties(width="container", height=height))
