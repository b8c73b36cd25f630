"""What was predicted against what happened."""

from collections.abc import Mapping, Sequence
from typing import Any

from fieldwise.importance.chart_style import chart_data, need_altair
from fieldwise.report.charts.palette import role, to_spec
from fieldwise.report.charts.zoom import zoom

__all__ = ["draw_reliability"]

HEIGHT = 340


def draw_reliability(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw bins of probabilities, and the diagonal where they are right.

    Args:
        points: with ``series``, ``predicted``, ``happened``, ``rows``, and ``low`` and
            ``high``, where a bin of right probabilities is found 19 times of 20; None
            for a series without such bars.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    top = max(max(p["predicted"], p["happened"]) for p in points)
    top = min(1.0, 1.08 * top) or 1.0
    scale = alt.Scale(domain=[0, top], nice=False)
    percent = alt.Axis(format="~%", tickCount=5)
    x = alt.X("predicted:Q", title="predicted", scale=scale, axis=percent)
    y = alt.Y("happened:Q", title="happened", scale=scale, axis=percent)
    ends = [{"predicted": 0.0, "happened": 0.0}, {"predicted": top, "happened": top}]
    diagonal = (
        alt.Chart(chart_data(ends))
        .mark_line(strokeDash=[3, 3], color=role("ink"), strokeWidth=1)
        .encode(x=x, y=y)
    )
    series = list(dict.fromkeys(point["series"] for point in points))
    # The last series is the one that counts; what was before it stands aside.
    roles = [role("second") for _ in series[:-1]] + [role("main")]
    colour = alt.Color(
        "series:N", title=None, scale=alt.Scale(domain=series, range=roles)
    )
    base = alt.Chart(chart_data(points)).encode(x=x, color=colour)
    told = [point for point in points if point["low"] is not None]
    bars = (
        alt.Chart(chart_data(told))
        .mark_rule(opacity=0.45)
        .encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", color=colour)
    )
    dots = (
        base.mark_line(point=alt.OverlayMarkDef(size=46), strokeWidth=1.5)
        .encode(
            y=y,
            tooltip=[
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("predicted:Q", format=".2%"),
                alt.Tooltip("happened:Q", format=".2%"),
                alt.Tooltip("rows:Q", title="weight of the rows", format=",.0f"),
            ],
        )
        .add_params(zoom())
    )
    chart = alt.layer(diagonal, bars, dots)
    return to_spec(chart.properties(width="container", height=HEIGHT))
