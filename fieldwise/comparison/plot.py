"""The leaderboard as a picture: who is best, how surely, and what it costs."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldwise.comparison.cells import NOT_DISTINGUISHABLE
from fieldwise.comparison.label_places import place_labels
from fieldwise.comparison.leaderboard import Leaderboard
from fieldwise.comparison.measures import MEASURES, higher_is_better
from fieldwise.importance.chart_style import (
    INK,
    MAIN,
    SECOND,
    chart_data,
    need_altair,
    styled,
)

if TYPE_CHECKING:
    import altair as alt

__all__ = ["draw_leaderboard"]

BEST, LIKE_BEST, OTHER = "best", NOT_DISTINGUISHABLE, "behind the best"
COLOURS = {BEST: MAIN, LIKE_BEST: "#5eada5", OTHER: SECOND}
ROW_HEIGHT, LEAST_HEIGHT = 19, 300
BOARD_WIDTH, SIZE_WIDTH = 340, 460
FONT_SIZE = 11
LETTER_WIDTH = 6.2
"""Of the font above, in pixels, rather too wide than too narrow."""

Point = dict[str, Any]


def draw_leaderboard(board: Leaderboard, path: Path, *, part: str) -> bool:
    """Draw the leaderboard to an SVG and a PNG file.

    Args:
        board: the results.
        path: of the files, without their endings.
        part: name of the measured rows.

    Returns:
        Whether there was anything to draw.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    points = _points(board)
    if not points:
        return False
    need_altair()
    import altair as alt

    height = max(LEAST_HEIGHT, ROW_HEIGHT * len(points))
    title = MEASURES[board.measure]
    direction = "higher" if higher_is_better(board.measure) else "lower"
    subtitle = f"on the {part} rows; {direction} is better"
    if any(point["low"] < point["high"] for point in points):
        subtitle += "; bars: mean ± standard deviation over the seeds"
    chart = alt.hconcat(
        _board(points, title, height), _by_size(points, title, height), spacing=36
    ).properties(
        title=alt.TitleParams(
            f"{title} of {len(points)} systems", subtitle=subtitle, anchor="start"
        )
    )
    chart = styled(chart)
    chart.save(path.with_suffix(".svg"), engine="vl-convert")
    chart.save(path.with_suffix(".png"), engine="vl-convert", scale_factor=2)
    return True


def _points(board: Leaderboard) -> list[Point]:
    points = []
    for line in board.models.to_dicts():
        if not line["num_seeds"]:
            continue
        spread = line.get(f"{board.measure}_std") or 0.0
        value = line[board.measure]
        kind = OTHER
        if line["is_best"]:
            kind = BEST
        elif line["like_best"]:
            kind = LIKE_BEST
        points.append(
            {
                "model": line["model"],
                "value": value,
                "low": value - spread,
                "high": value + spread,
                "parameters": line["parameters"],
                "kind": kind,
            }
        )
    return points


def _board(
    points: Sequence[Point], title: str, height: int
) -> "alt.LayerChart | alt.FacetChart":
    """Systems from the best to the worst."""
    import altair as alt

    rows = alt.Y("model:N", sort=[point["model"] for point in points], title=None)
    scale = alt.Scale(domain=_domain(points, above=0.2), nice=False)
    axis = alt.Axis(title=title, tickCount=5)

    def across(name: str) -> "alt.X":
        return alt.X(f"{name}:Q", scale=scale, axis=axis)

    base = alt.Chart(chart_data(points)).encode(y=rows)
    bars = base.mark_rule(strokeWidth=2).encode(
        x=across("low"), x2="high:Q", color=_colour()
    )
    dots = base.mark_circle(size=70, opacity=1).encode(
        x=across("value"), color=_colour()
    )
    # Beside the bar, on the side of the better values nothing else stands.
    numbers = base.mark_text(align="left", dx=8, fontSize=10, color=INK).encode(
        x=across("high"), text=alt.Text("value:Q", format=".4f")
    )
    return alt.layer(bars, dots, numbers).properties(width=BOARD_WIDTH, height=height)


def _by_size(
    points: Sequence[Point], title: str, height: int
) -> "alt.LayerChart | alt.FacetChart":
    """Quality against parameters."""
    import altair as alt

    sizes = [math.log10(max(1, point["parameters"])) for point in points]
    margin = 0.12 * (max(sizes) - min(sizes)) or 0.5
    across = (min(sizes) - margin, max(sizes) + margin)
    up = _domain(points, above=0.06)
    names = _names(points, sizes, across, up, height)
    x = alt.Scale(type="log", domain=[10 ** across[0], 10 ** across[1]], nice=False)
    y = alt.Scale(domain=up, nice=False)

    def places(x_name: str, y_name: str) -> dict[str, Any]:
        axis = alt.Axis(
            title="parameters", format="~s", labelOverlap=True, tickCount=5, grid=False
        )
        return {
            "x": alt.X(f"{x_name}:Q", scale=x, axis=axis),
            "y": alt.Y(f"{y_name}:Q", scale=y, axis=alt.Axis(title=title, tickCount=6)),
        }

    dots = (
        alt.Chart(chart_data(points))
        .mark_circle(size=70, opacity=1)
        .encode(**places("parameters", "value"), color=_colour())
    )
    written = alt.Chart(chart_data(names))
    lines = written.mark_rule(strokeWidth=0.7, color=SECOND).encode(
        **places("parameters", "value"), x2="end_x:Q", y2="end_y:Q"
    )
    texts = written.mark_text(fontSize=FONT_SIZE, color=INK).encode(
        **places("x", "y"), text="model:N"
    )
    return alt.layer(lines, dots, texts).properties(width=SIZE_WIDTH, height=height)


def _names(
    points: Sequence[Point],
    sizes: Sequence[float],
    across: tuple[float, float],
    up: Sequence[float],
    height: int,
) -> list[Point]:
    """The names of the points, at places where they can be read."""
    per_size = SIZE_WIDTH / (across[1] - across[0])
    per_value = height / (up[1] - up[0])
    places = [
        ((size - across[0]) * per_size, (up[1] - point["value"]) * per_value)
        for size, point in zip(sizes, points, strict=True)
    ]
    boxes = place_labels(
        places,
        [(LETTER_WIDTH * len(point["model"]), FONT_SIZE + 1.0) for point in points],
        width=SIZE_WIDTH,
        height=height,
    )
    names = []
    for point, place, box in zip(points, places, boxes, strict=True):
        end = box.edge_towards(*place)
        names.append(
            {
                **point,
                "x": 10 ** (across[0] + box.x / per_size),
                "y": up[1] - box.y / per_value,
                "end_x": 10 ** (across[0] + end[0] / per_size),
                "end_y": up[1] - end[1] / per_value,
            }
        )
    return names


def _domain(points: Sequence[Point], *, above: float) -> list[float]:
    """From the lowest to the highest bar, with room for what stands above it."""
    low = min(point["low"] for point in points)
    high = max(point["high"] for point in points)
    size = high - low or 0.01
    return [low - 0.06 * size, high + above * size]


def _colour() -> "alt.Color":
    import altair as alt

    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    legend = alt.Legend(orient="bottom", title=None, symbolType="circle")
    return alt.Color("kind:N", scale=scale, legend=legend)
