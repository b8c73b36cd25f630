"""Clouds of interactions in the colours of the page."""

from typing import Any

from fieldwise.importance.cloud_charts import (
    SWARM_ROW,
    CloudColours,
    CloudScores,
    halo_chart,
    swarm_chart,
    triangles_chart,
    widest_pairs,
)
from fieldwise.report.charts.palette import role, to_spec

__all__ = ["HALO_HEIGHT", "draw_halo", "draw_swarm"]

HALO_HEIGHT = 380


def draw_swarm(cloud: CloudScores) -> dict[str, Any]:
    """Draw the scores of all models, a line for each pair.

    Args:
        cloud: scores of pairs.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    height = SWARM_ROW * len(widest_pairs(cloud))
    chart = swarm_chart(cloud, _colours())
    return to_spec(chart.properties(width="container", height=height))


def draw_halo(cloud: CloudScores, place: int) -> dict[str, Any]:
    """Draw the losses of the models of one pair, or of three fields.

    Args:
        cloud: scores of pairs, with directions.
        place: of the pair.

    Returns:
        The specification.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    if len(cloud.names[place]) == 3:
        chart = triangles_chart(cloud, place, _colours())
    else:
        chart = halo_chart(cloud, place, _colours())
    return to_spec(chart.properties(width="container", height=HALO_HEIGHT))


def _colours() -> CloudColours:
    return CloudColours(main=role("main"), second=role("second"), ink=role("ink"))
