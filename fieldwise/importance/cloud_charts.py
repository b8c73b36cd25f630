"""Clouds of interaction scores as pictures: a swarm of all pairs, the halo of one.

The halo of three fields is a sphere. It is unfolded: each of its eight parts, in which
every field is either louder or softer, is a triangle.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, figures 2 and 3.
Differences from the paper: pairs are drawn by falling range, the first ones only;
triangles instead of a sphere that would have to be turned.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol, final, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from fieldwise.importance.chart_style import chart_data, need_altair

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "SWARM_ROW",
    "CloudColours",
    "CloudScores",
    "halo_chart",
    "swarm_chart",
    "triangles_chart",
    "widest_pairs",
]

MOST_PAIRS, MOST_MODELS, SWARM_ROW, CIRCLE_POINTS = 20, 300, 26, 73
SHARES = ("share0", "share1", "share2")
UP, DOWN = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"

Array = NDArray[np.float64]
Point = dict[str, Any]


@runtime_checkable
class CloudScores(Protocol):
    """What is drawn of a cloud; ``InteractionCloud`` says what the parts are."""

    @property
    def names(self) -> Sequence[tuple[str, ...]]:
        """Of the pairs, or of three fields each."""
        ...  # pragma: no cover

    @property
    def scores(self) -> Array:
        """Of each pair in each of its models, ``(pair, model)``."""
        ...  # pragma: no cover

    @property
    def added(self) -> Array:
        """Loss of these models over that of the reference, ``(pair, model)``."""
        ...  # pragma: no cover

    @property
    def directions(self) -> Array:
        """Of these models around the reference, ``(model, 2)`` or ``(model, 3)``."""
        ...  # pragma: no cover

    @property
    def references(self) -> Array:
        """Scores in the reference model, ``(pair,)``."""
        ...  # pragma: no cover

    @property
    def epsilon(self) -> float:
        """Loss that a model may have beyond that of the reference."""
        ...  # pragma: no cover


@final
@dataclass(frozen=True)
class CloudColours:
    """Colours, as Altair takes them: values, or expressions that a page fills in.

    Args:
        main: of models as good as the reference, and of the dots of a halo.
        second: of models at the border, and of its circle.
        ink: of the reference.
    """

    main: Any
    second: Any
    ink: Any


def widest_pairs(cloud: CloudScores) -> list[int]:
    """Order pairs by the range of their scores, the widest first.

    Args:
        cloud: scores of pairs.

    Returns:
        Places of the first ``MOST_PAIRS`` pairs.
    """
    inside = np.where(
        cloud.added <= cloud.epsilon, cloud.scores, cloud.references[:, None]
    )
    ranges = np.ptp(inside, axis=1)
    return [int(place) for place in np.argsort(-ranges, kind="stable")[:MOST_PAIRS]]


def swarm_chart(
    cloud: CloudScores, colours: CloudColours
) -> "alt.LayerChart | alt.FacetChart":
    """Draw the scores of all models, a line for each pair.

    Args:
        cloud: scores of pairs.
        colours: of the chart.

    Returns:
        Models of the set as dots coloured by their loss, the reference model as a
        cross; ``SWARM_ROW`` is a good height of a line.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    places = widest_pairs(cloud)
    order = [_pair(cloud, place) for place in places]
    row = alt.Y("pair:N", sort=order, title=None)
    score = alt.X("score:Q", title="interaction, in the unit of the loss")
    scale = alt.Scale(range=[colours.main, colours.second])
    swarm = (
        alt.Chart(chart_data(_dots(cloud, places)))
        .mark_circle(size=24, opacity=0.8)
        .encode(
            x=score,
            y=row,
            yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-0.5, 0.5])),
            color=alt.Color("added:Q", title="loss added", scale=scale),
            tooltip=["pair:N", "score:Q", alt.Tooltip("added:Q", title="loss added")],
        )
    )
    stars = [
        {"pair": name, "score": float(cloud.references[place])}
        for name, place in zip(order, places, strict=True)
    ]
    reference = (
        alt.Chart(chart_data(stars))
        .mark_point(shape="cross", size=90, color=colours.ink, filled=True)
        .encode(x=score, y=row, tooltip=["pair:N", "score:Q"])
    )
    return alt.layer(swarm, reference)


def halo_chart(
    cloud: CloudScores, place: int, colours: CloudColours
) -> "alt.LayerChart | alt.FacetChart":
    """Draw the losses of the models of one pair.

    Args:
        cloud: scores of pairs, with directions.
        place: of the pair.
        colours: of the chart.

    Returns:
        The circle of models whose fields add to the loss, and the models.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    added = cloud.added[place].tolist()
    angles = np.arctan2(cloud.directions[:, 1], cloud.directions[:, 0]).tolist()
    models = [
        _point(radius, angle) | {"added": radius}
        for radius, angle in zip(added, angles, strict=True)
    ]
    circle = [
        _point(cloud.epsilon, angle) | {"step": step}
        for step, angle in enumerate(np.linspace(0, 2 * np.pi, CIRCLE_POINTS).tolist())
    ]
    reach = 1.15 * max(cloud.epsilon, float(np.abs(cloud.added[place]).max()))
    scale = alt.Scale(domain=[-reach, reach])
    one, other = cloud.names[place]
    x = alt.X("x:Q", title=f"softer ← {one} → louder", scale=scale)
    y = alt.Y("y:Q", title=f"softer ← {other} → louder", scale=scale)
    ring = (
        alt.Chart(chart_data(circle))
        .mark_line(color=colours.second)
        .encode(x=x, y=y, order="step:Q")
    )
    dots = (
        alt.Chart(chart_data(models))
        .mark_circle(size=60, color=colours.main, opacity=1)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("added:Q", title="loss added")])
    )
    return alt.layer(ring, dots)


def triangles_chart(
    cloud: CloudScores, place: int, colours: CloudColours
) -> "alt.LayerChart | alt.FacetChart":
    """Draw the losses of the models of three fields, eight triangles of them.

    Args:
        cloud: scores of three fields each, with directions.
        place: of the fields.
        colours: of the chart.

    Returns:
        A dot for each model: the nearer to the corner of a field (the first is on the
        left, the last at the top), the more of the loss that field has. Its colour is
        the loss added, in units of what would be added if each field added its part.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    names = cloud.names[place]
    parts = list(product((1.0, -1.0), repeat=len(names)))
    models = []
    for direction, added in zip(
        cloud.directions.tolist(), cloud.added[place].tolist(), strict=True
    ):
        shares = [abs(share) for share in direction]
        column, row = _tile(
            parts.index(tuple(1.0 if x > 0 else -1.0 for x in direction))
        )
        models.append(
            {
                "x": column + (1 + shares[1] - shares[0]) / 2,
                "y": row + shares[2] * math.sqrt(3) / 2,
                "ratio": added / cloud.epsilon,
                **dict(zip(SHARES, shares, strict=True)),
            }
        )
    told = []
    for number, signs in enumerate(parts):
        column, row = _tile(number)
        told.append({"x": column + 0.5, "y": row - 0.14, "text": _part(names, signs)})
    wide, high = (1.12 * reach for reach in _tile(len(parts) - 1))
    hidden = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    scales = [alt.Scale(domain=each) for each in ([-0.1, wide + 1], [high - 0.1, 1])]
    x = alt.X("x:Q", axis=hidden, scale=scales[0])
    y = alt.Y("y:Q", axis=hidden, scale=scales[1])
    scale = alt.Scale(range=[colours.main, colours.ink, colours.second], domainMid=1)
    loss = alt.Tooltip("ratio:Q", title="loss, of the sum")
    fields = zip(SHARES, names, strict=True)
    dots = (
        alt.Chart(chart_data(models))
        .mark_circle(size=30, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("ratio:Q", title="loss, of the sum", scale=scale),
            tooltip=[
                loss,
                *(alt.Tooltip(f"{one}:Q", title=two) for one, two in fields),
            ],
        )
    )
    texts = alt.Chart(chart_data(told)).mark_text(color=colours.ink, limit=150)
    return alt.layer(dots, texts.encode(x=x, y=y, text="text:N"))


def _tile(number: int) -> tuple[float, float]:
    """Where a triangle stands: four in a line."""
    return 1.25 * (number % 4), -1.35 * (number // 4)


def _part(names: Sequence[str], direction: Sequence[float]) -> str:
    """A field is louder or softer, as an arrow before its name says."""
    told = [
        f"{UP if share > 0 else DOWN}{name}"
        for name, share in zip(names, direction, strict=True)
    ]
    return " ".join(told)


def _dots(cloud: CloudScores, places: Sequence[int]) -> list[Point]:
    return [
        {
            "pair": _pair(cloud, place),
            "score": float(cloud.scores[place, model]),
            "added": float(cloud.added[place, model]),
            # A fixed walk through the line, so that neighbours do not touch.
            "offset": 0.6 * ((model * 0.618) % 1) - 0.3,
        }
        for place in places
        for model in np.flatnonzero(cloud.added[place] <= cloud.epsilon)[
            :MOST_MODELS
        ].tolist()
    ]


def _pair(cloud: CloudScores, place: int) -> str:
    return " \N{MULTIPLICATION SIGN} ".join(cloud.names[place])


def _point(radius: float, angle: float) -> Point:
    return {"x": radius * math.cos(angle), "y": radius * math.sin(angle)}
