"""Clouds of interactions as pictures that stand alone."""

from typing import TYPE_CHECKING

from fieldwise.importance.chart_style import INK, MAIN, SECOND, styled
from fieldwise.importance.cloud_charts import (
    SWARM_ROW,
    CloudColours,
    halo_chart,
    swarm_chart,
    widest_pairs,
)

if TYPE_CHECKING:
    import altair as alt

    from fieldwise.explanation.interaction_cloud import InteractionCloud

__all__ = ["draw_halo", "draw_swarm"]

WIDTH, HALO = 460, 360
COLOURS = CloudColours(main=MAIN, second=SECOND, ink=INK)


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
    chart = swarm_chart(cloud, COLOURS)
    title = {
        "text": "Interactions in models that are almost as good",
        "subtitle": f"loss up to {cloud.epsilon:.3g} above {cloud.loss:.4g}; "
        "the cross is the reference model",
        "anchor": "start",
    }
    height = SWARM_ROW * len(widest_pairs(cloud))
    return styled(chart.properties(width=WIDTH, height=height, title=title))


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
    chart = halo_chart(cloud, cloud.names.index(pair), COLOURS)
    title = {
        "text": f"Loss when {pair[0]} and {pair[1]} share it",
        "subtitle": "on the circle: each adds its part; inside or outside: they "
        "interact",
        "anchor": "start",
    }
    return styled(chart.properties(width=HALO, height=HALO, title=title))
