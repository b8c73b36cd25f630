"""Clouds of interactions as pictures that stand alone."""

from typing import TYPE_CHECKING

from fieldwise.importance.chart_style import INK, MAIN, SECOND, styled
from fieldwise.importance.cloud_charts import (
    SWARM_ROW,
    CloudColours,
    halo_chart,
    swarm_chart,
    triangles_chart,
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


def draw_halo(cloud: "InteractionCloud", names: tuple[str, ...]) -> "alt.TopLevelMixin":
    """Draw the losses of the models of one pair, or of three fields.

    Args:
        cloud: scores of pairs.
        names: one of them.

    Returns:
        A chart: the circle of models whose fields add to the loss, and the models; of
        three fields triangles.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    place = cloud.names.index(names)
    title = {
        "text": f"Loss when {', '.join(names[:-1])} and {names[-1]} share it",
        "subtitle": "on the circle: each adds its part; inside or outside: they "
        "interact",
        "anchor": "start",
    }
    if len(names) == 3:
        title["subtitle"] = "1: each adds its part; below or above: they interact"
        triangles = triangles_chart(cloud, place, COLOURS)
        return styled(triangles.properties(width=2 * HALO, height=HALO, title=title))
    chart = halo_chart(cloud, place, COLOURS)
    return styled(chart.properties(width=HALO, height=HALO, title=title))
