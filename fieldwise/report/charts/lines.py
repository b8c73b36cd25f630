"""Curves over a number: epochs, fields."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fieldwise.importance.chart_style import chart_data, need_altair
from fieldwise.report.charts.palette import role, to_spec
from fieldwise.report.charts.zoom import zoom

if TYPE_CHECKING:
    pass

__all__ = ["draw_lines"]

HEIGHT, MOST_TICKS = 280, 12


def draw_lines(
    points: Sequence[Mapping[str, Any]],
    *,
    x: str,
    y: str,
    marked: Sequence[Mapping[str, Any]] = (),
    level: int | float | None = None,
    height: int = HEIGHT,
) -> dict[str, Any]:
    """Draw a line for each series.

    Args:
        points: with ``series``, ``x`` and ``y``; also ``low`` and ``high`` for bands,
            and ``dashed`` for lines that stand aside.
        x: title of the axis.
        y: title of the axis.
        marked: points with a ring around them.
        level: a dotted line across.
        height: in pixels.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    several = len({point["series"] for point in points}) > 1
    legend = alt.Legend() if several else None
    across = alt.X(
        "x:Q",
        title=x,
        axis=alt.Axis(format="~d", values=_ticks(points)),
        scale=alt.Scale(zero=False, nice=False, padding=14),
    )
    scale = alt.Scale(zero=False, padding=10)
    base = alt.Chart(chart_data(points)).encode(
        x=across, color=alt.Color("series:N", title=None, sort=None, legend=legend)
    )
    layers: list[alt.Chart] = []
    if level is not None:
        layers.append(
            alt.Chart(chart_data([{"y": level}]))
            .mark_rule(strokeDash=[2, 3], color=role("ink"))
            .encode(y=alt.Y("y:Q", scale=scale))
        )
    if points and "low" in points[0]:
        layers.append(
            base.mark_area(opacity=0.16).encode(
                y=alt.Y("low:Q", scale=scale), y2="high:Q"
            )
        )
    dashes = alt.condition("datum.dashed", alt.value([5, 4]), alt.value([1, 0]))
    layers.append(
        base.mark_line(point=alt.OverlayMarkDef(size=34), strokeWidth=2)
        .encode(
            y=alt.Y("y:Q", title=y, scale=scale),
            strokeDash=dashes,
            tooltip=[
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("x:Q", title=x),
                alt.Tooltip("y:Q", title=y, format=".5~f"),
            ],
        )
        .add_params(zoom())
    )
    if marked:
        layers.append(
            alt.Chart(chart_data(marked))
            .mark_point(size=150, color=role("ink"), strokeWidth=1.5)
            .encode(x=across, y=alt.Y("y:Q", scale=scale))
        )
    return to_spec(alt.layer(*layers).properties(width="container", height=height))


def _ticks(points: Sequence[Mapping[str, Any]]) -> list[int]:
    """Numbers that are there, evenly, as many as a narrow page can show."""
    known = sorted({int(point["x"]) for point in points})
    step = max(1, -(-len(known) // MOST_TICKS))
    return known[::step]
