"""The curves as a picture: AUC over the number of fields, with the spread of seeds."""

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fieldwise.importance.chart_style import SECOND, chart_data, need_altair, styled
from fieldwise.search.curve_table import ALL_FIELDS, CONTROL

if TYPE_CHECKING:
    import altair as alt

__all__ = ["draw_curves"]

WIDTH, HEIGHT = 640, 380
DASHES = [5, 4]


def draw_curves(
    lines: pl.DataFrame, points: pl.DataFrame, path: Path, *, part: str
) -> bool:
    """Draw the curves to an SVG and a PNG file.

    Args:
        lines: one row per method.
        points: one row per method, seed and number of fields.
        path: of the files, without their endings.
        part: name of the measured rows.

    Returns:
        Whether there was anything to draw.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    kinds = dict(lines.select("method", "kind").rows())
    spreads = (
        points.drop_nulls("auc")
        .group_by("method", "k")
        .agg(mean=pl.col("auc").mean(), spread=pl.col("auc").std().fill_null(0.0))
    )
    spreads = spreads.sort("method", "k").with_columns(
        kind=pl.col("method").replace_strict(kinds),
        low=pl.col("mean") - pl.col("spread"),
        high=pl.col("mean") + pl.col("spread"),
    )
    if not len(spreads):
        return False
    need_altair()
    chart = styled(_layers(spreads, lines["method"].to_list(), part))
    chart.save(path.with_suffix(".svg"), engine="vl-convert")
    chart.save(path.with_suffix(".png"), engine="vl-convert", scale_factor=2)
    return True


def _layers(
    spreads: pl.DataFrame, order: list[str], part: str
) -> "alt.LayerChart | alt.FacetChart":
    import altair as alt

    is_whole = pl.col("method") == ALL_FIELDS
    curves = alt.Chart(chart_data(spreads.filter(~is_whole).to_dicts())).encode(
        x=alt.X("k:Q", title="fields", axis=alt.Axis(format="d")),
        # In the order of the table, and not the faint colours of the bands.
        color=alt.Color(
            "method:N",
            title=None,
            sort=order,
            scale=alt.Scale(scheme="tableau20"),
            legend=alt.Legend(orient="right", symbolType="stroke", symbolOpacity=1),
        ),
    )
    scale = alt.Scale(zero=False)
    up = alt.Y("mean:Q", title="AUC", scale=scale)
    bands = curves.mark_area(opacity=0.1).encode(
        y=alt.Y("low:Q", scale=scale), y2="high:Q"
    )
    dashes = alt.condition(
        f"datum.kind == '{CONTROL}'", alt.value(DASHES), alt.value([1, 0])
    )
    drawn = curves.mark_line(point=True).encode(y=up, strokeDash=dashes)
    whole = (
        alt.Chart(chart_data(spreads.filter(is_whole).to_dicts()))
        .mark_rule(color=SECOND, strokeDash=[2, 2])
        .encode(y=alt.Y("mean:Q", scale=scale))
    )
    title = alt.TitleParams(
        "AUC of models trained on the first k fields of each order",
        subtitle=f"on the {part} rows; bands: mean ± standard deviation over the "
        "seeds; dashed: controls; dotted: all fields",
        anchor="start",
    )
    return alt.layer(whole, bands, drawn).properties(
        width=WIDTH, height=HEIGHT, title=title
    )
