"""Clouds of interactions as pictures: a swarm of all pairs, the halo of one.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, figures 2 and 3.
Differences from the paper: pairs are drawn by falling range, the first ones only.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

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

    from fieldwise.explanation.interaction_cloud import InteractionCloud

__all__ = ["draw_halo", "draw_swarm"]

MOST_PAIRS = 20
WIDTH, ROW_HEIGHT, HALO = 460, 26, 360
CIRCLE_POINTS = 73

Point = dict[str, Any]


def draw_swarm(cloud: "InteractionCloud") -> "alt.TopLevelMixin":
    """Draw the scores of all models, a line for each pair.

    Args:
        cloud: scores of pairs.

    Returns:
        A chart: models of the set as dots coloured by their loss, the reference model
        as a cross.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    shown = [tuple(name) for name in cloud.importance().ranked[:MOST_PAIRS]]
    dots: list[Point] = []
    stars: list[Point] = []
    for name in shown:
        place = cloud.names.index((name[0], name[1]))
        pair = " x ".join(name)
        within = cloud.is_within[place]
        spread = np.linspace(-0.3, 0.3, max(2, int(within.sum())))
        dots += [
            {"pair": pair, "score": score, "loss added": added, "offset": offset}
            for score, added, offset in zip(
                cloud.scores[place][within].tolist(),
                cloud.added[place][within].tolist(),
                # A fixed walk through the line, so that neighbours do not touch.
                np.roll(spread, len(spread) // 2)[: int(within.sum())].tolist(),
                strict=True,
            )
        ]
        stars.append({"pair": pair, "score": float(cloud.references[place])})
    order = [" x ".join(name) for name in shown]
    row = alt.Y("pair:N", sort=order, title=None)
    score = alt.X("score:Q", title="interaction, in the unit of the loss")
    colour = alt.Color("loss added:Q", scale=alt.Scale(range=[MAIN, FAINT]))
    swarm = (
        alt.Chart(chart_data(dots))
        .mark_circle(size=24, opacity=0.8)
        .encode(
            x=score,
            y=row,
            yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-0.5, 0.5])),
            color=colour,
            tooltip=["pair:N", "score:Q", "loss added:Q"],
        )
    )
    reference = (
        alt.Chart(chart_data(stars))
        .mark_point(shape="cross", size=90, color=INK, filled=True)
        .encode(x=score, y=row, tooltip=["pair:N", "score:Q"])
    )
    title = alt.TitleParams(
        "Interactions in models that are almost as good",
        subtitle=f"loss up to {cloud.epsilon:.3g} above {cloud.loss:.4g}; "
        "the cross is the reference model",
        anchor="start",
    )
    layers: alt.LayerChart = (swarm + reference).properties(
        width=WIDTH, height=ROW_HEIGHT * len(shown), title=title
    )
    return styled(layers)


def draw_halo(cloud: "InteractionCloud", pair: tuple[str, str]) -> "alt.TopLevelMixin":
    """Draw the losses of the models of one pair.

    Args:
        cloud: scores of pairs.
        pair: one of them.

    Returns:
        A chart: the circle of models whose fields add to the loss, and the models.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    added = cloud.added[cloud.names.index(pair)]
    models = [
        {"x": radius * np.cos(angle), "y": radius * np.sin(angle), "loss added": radius}
        for radius, angle in zip(added.tolist(), cloud.angles.tolist(), strict=True)
    ]
    circle = [
        {
            "x": cloud.epsilon * np.cos(angle),
            "y": cloud.epsilon * np.sin(angle),
            "order": place,
        }
        for place, angle in enumerate(np.linspace(0, 2 * np.pi, CIRCLE_POINTS))
    ]
    reach = 1.15 * max(cloud.epsilon, float(np.abs(added).max()))
    axes = {
        name: channel(
            f"{name}:Q",
            title=f"softer ← {field} → louder",
            scale=alt.Scale(domain=[-reach, reach]),
        )
        for name, field, channel in zip("xy", pair, (alt.X, alt.Y), strict=True)
    }
    ring = (
        alt.Chart(chart_data(circle))
        .mark_line(color=SECOND)
        .encode(order="order:Q", **axes)
    )
    dots = (
        alt.Chart(chart_data(models))
        .mark_circle(size=60, color=MAIN)
        .encode(tooltip=["loss added:Q"], **axes)
    )
    title = alt.TitleParams(
        f"Loss when {pair[0]} and {pair[1]} share it",
        subtitle="on the circle: each adds its part; inside or outside: they interact",
        anchor="start",
    )
    layers: alt.LayerChart = (ring + dots).properties(
        width=HALO, height=HALO, title=title
    )
    return styled(layers)
