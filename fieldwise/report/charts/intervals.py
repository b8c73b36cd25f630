"""Systems from the best to the worst, each with its spread."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise.importance.chart_style import chart_data, need_altair
from fieldwise.report.charts.palette import role, to_spec

__all__ = ["ROW_HEIGHT", "draw_intervals"]

ROW_HEIGHT = 24


def draw_intervals(
    points: Sequence[Mapping[str, Any]], *, title: str
) -> dict[str, Any]:
    """Draw a dot and a bar for each system.

    Args:
        points: with ``name``, ``value``, ``low``, ``high`` and ``kind``, in order.
        title: of the measure.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    order = [point["name"] for point in points]
    row = alt.Y("name:N", sort=order, title=None, axis=alt.Axis(ticks=False, grid=True))
    low = min(point["low"] for point in points)
    high = max(point["high"] for point in points)
    margin = 0.06 * (high - low) or 0.01
    scale = alt.Scale(domain=[low - margin, high + margin], nice=False)
    kinds = list(dict.fromkeys(point["kind"] for point in points))
    tones = {"best": "main", "like the best": "warn"}
    colours = [role(tones.get(kind, "second")) for kind in kinds]
    colour = alt.Color(
        "kind:N", title=None, scale=alt.Scale(domain=kinds, range=colours)
    )
    base = alt.Chart(chart_data(points)).encode(y=row, color=colour)
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, title=title, axis=alt.Axis(tickCount=6)),
        x2="high:Q",
    )
    dots = base.mark_circle(size=90, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, title=title),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("value:Q", title=title, format=".5~f"),
            alt.Tooltip("kind:N", title="place"),
        ],
    )
    height = ROW_HEIGHT * len(points)
    chart = alt.layer(bars, dots).properties(width="container", height=height)
    return to_spec(chart)
