"""Scores of pairs of fields in many models that are almost as good as the best.

Source: Li, Wang, Deng, Barnard, "Exploring the Cloud of Feature Interaction Scores in a
Rashomon Set", ICLR 2024, https://arxiv.org/abs/2305.10181, figures 2 and 3.
"""

import math
from typing import Any

import numpy as np

from fieldwise.importance.chart_style import chart_data, need_altair
from fieldwise.report.charts.palette import role, to_spec
from fieldwise.report.cloud_files import Cloud
from fieldwise.report.figures import crossed

__all__ = ["HALO_HEIGHT", "SWARM_ROW", "draw_halo", "draw_swarm", "ranked_pairs"]

MOST_PAIRS, MOST_MODELS, SWARM_ROW, HALO_HEIGHT = 20, 300, 26, 380
CIRCLE_POINTS = 73


def ranked_pairs(cloud: Cloud) -> list[int]:
    """Order pairs by the range of their scores, the widest first.

    Args:
        cloud: scores of pairs.

    Returns:
        Places of the first pairs.
    """
    within = np.where(cloud.added <= cloud.epsilon, cloud.scores, np.nan)
    filled = np.where(np.isnan(within), cloud.references[:, None], within)
    ranges = filled.max(axis=1) - filled.min(axis=1)
    return [int(place) for place in np.argsort(-ranges, kind="stable")[:MOST_PAIRS]]


def draw_swarm(cloud: Cloud) -> dict[str, Any]:
    """Draw the scores of all models, a line for each pair.

    Args:
        cloud: scores of pairs.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    places = ranked_pairs(cloud)
    order = [_name(cloud, place) for place in places]
    dots = [
        {
            "pair": _name(cloud, place),
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
    stars = [
        {"pair": _name(cloud, place), "score": float(cloud.references[place])}
        for place in places
    ]
    row = alt.Y("pair:N", sort=order, title=None)
    score = alt.X("score:Q", title="interaction, in the unit of the loss")
    swarm = (
        alt.Chart(chart_data(dots))
        .mark_circle(size=24, opacity=0.8)
        .encode(
            x=score,
            y=row,
            yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-0.5, 0.5])),
            color=alt.Color(
                "added:Q",
                title="loss added",
                scale=alt.Scale(range=[role("main"), role("second")]),
            ),
            tooltip=["pair:N", "score:Q", "added:Q"],
        )
    )
    reference = (
        alt.Chart(chart_data(stars))
        .mark_point(shape="cross", size=90, color=role("ink"), filled=True)
        .encode(x=score, y=row, tooltip=["pair:N", "score:Q"])
    )
    height = SWARM_ROW * len(places)
    chart = alt.layer(swarm, reference).properties(width="container", height=height)
    return to_spec(chart)


def draw_halo(cloud: Cloud, place: int) -> dict[str, Any]:
    """Draw the losses of the models of one pair.

    Args:
        cloud: scores of pairs, with angles.
        place: of the pair.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    need_altair()
    import altair as alt

    models = [
        {"x": radius * math.cos(angle), "y": radius * math.sin(angle), "added": radius}
        for radius, angle in zip(
            cloud.added[place].tolist(), cloud.angles.tolist(), strict=False
        )
    ]
    circle = [
        {
            "x": cloud.epsilon * math.cos(angle),
            "y": cloud.epsilon * math.sin(angle),
            "step": step,
        }
        for step, angle in enumerate(np.linspace(0, 2 * np.pi, CIRCLE_POINTS).tolist())
    ]
    reach = 1.15 * max(cloud.epsilon, float(np.abs(cloud.added[place]).max()))
    scale = alt.Scale(domain=[-reach, reach])
    one, other = cloud.names[place]
    x = alt.X("x:Q", title=f"softer ← {one} → louder", scale=scale)
    y = alt.Y("y:Q", title=f"softer ← {other} → louder", scale=scale)
    ring = (
        alt.Chart(chart_data(circle))
        .mark_line(color=role("second"))
        .encode(x=x, y=y, order="step:Q")
    )
    dots = (
        alt.Chart(chart_data(models))
        .mark_circle(size=60, color=role("main"), opacity=1)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("added:Q", title="loss added")])
    )
    chart = alt.layer(ring, dots)
    return to_spec(chart.properties(width="container", height=HALO_HEIGHT))


def _name(cloud: Cloud, place: int) -> str:
    one, other = cloud.names[place]
    return crossed((one, other))
