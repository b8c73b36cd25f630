"""Scores as a picture: bars, and for pairs of fields a heat map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fieldwise.errors import DataError
from fieldwise.importance._names import Name, label, plural
from fieldwise.importance.chart_style import (
    FAINT,
    INK,
    MAIN,
    SECOND,
    chart_data,
    need_altair,
    styled,
)

if TYPE_CHECKING:
    import altair as alt

    from fieldwise.importance.importance import Importance

__all__ = ["draw_importance"]

MOST_BARS, MOST_FIELDS = 40, 40
"""More than these nobody can read: the first ones are drawn."""
BAR_HEIGHT, WIDTH = 19, 420
CELL = 22

Point = dict[str, Any]


def draw_importance(importance: "Importance") -> "alt.TopLevelMixin":
    """Draw an importance.

    Args:
        importance: scores of units of any kind.

    Returns:
        A heat map where each unit is a pair of two fields, else bars from the highest
        score down.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
        DataError: if there is no unit to draw.
    """
    if not len(importance):
        message = "importance must have units to draw, got none."
        raise DataError(message)
    need_altair()
    import altair as alt

    is_pairs = all(_is_pair(name) for name in importance.names)
    chart, shown = (_heat_map if is_pairs else _bars)(importance)
    of_all = "" if shown == len(importance) else f"the first {shown} of "
    subtitle = f"{of_all}{len(importance)} {plural(importance.unit)}"
    title = alt.TitleParams(
        f"{importance.meaning}, by {importance.method}",
        subtitle=subtitle,
        anchor="start",
    )
    return styled(chart.properties(title=title))


def _bars(importance: "Importance") -> tuple["alt.Chart", int]:
    import altair as alt

    scores = dict(zip(importance.names, importance.scores.tolist(), strict=True))
    points: list[Point] = [
        {"unit": label(name), "score": scores[name]}
        for name in importance.ranked[:MOST_BARS]
    ]
    colour = alt.condition("datum.score > 0", alt.value(MAIN), alt.value(SECOND))
    order = [point["unit"] for point in points]
    chart = (
        alt.Chart(chart_data(points))
        .mark_bar()
        .encode(
            x=alt.X("score:Q", title=None),
            y=alt.Y("unit:N", sort=order, title=None),
            color=colour,
            tooltip=["unit:N", "score:Q"],
        )
        .properties(width=WIDTH, height=BAR_HEIGHT * len(points))
    )
    return chart, len(points)


def _heat_map(importance: "Importance") -> tuple["alt.Chart", int]:
    import altair as alt

    fields = _first_fields(importance.ranked)
    scores = dict(zip(importance.names, importance.scores.tolist(), strict=True))
    points: list[Point] = []
    shown = [name for name in importance.names if set(name) <= set(fields)]
    for name in shown:
        one, other = tuple(name)
        point = {"pair": label(name), "score": scores[name]}
        # A pair has no direction: it stands on both sides of the diagonal.
        points += [{**point, "x": one, "y": other}, {**point, "x": other, "y": one}]
    scale = alt.Scale(range=[FAINT, MAIN, INK])
    chart = (
        alt.Chart(chart_data(points))
        .mark_rect()
        .encode(
            x=alt.X("x:N", sort=fields, title=None),
            y=alt.Y("y:N", sort=fields, title=None),
            color=alt.Color("score:Q", title=None, scale=scale),
            tooltip=["pair:N", "score:Q"],
        )
        .properties(width=CELL * len(fields), height=CELL * len(fields))
    )
    return chart, len(shown)


def _is_pair(name: Name) -> bool:
    return isinstance(name, tuple) and len(name) == 2


def _first_fields(ranked: Sequence[Name]) -> list[str]:
    """Fields in the order in which the best pairs name them."""
    return list(dict.fromkeys(field for name in ranked for field in name))[:MOST_FIELDS]
