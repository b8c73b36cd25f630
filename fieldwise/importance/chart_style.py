"""What all charts of the package have in common."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from fieldwise.errors import MissingExtraError

if TYPE_CHECKING:
    import altair as alt

__all__ = ["FAINT", "INK", "MAIN", "SECOND", "chart_data", "need_altair", "styled"]

INK, FAINT = "#1f2933", "#e4e7eb"
MAIN, SECOND = "#0f766e", "#9aa5b1"
"""What a chart is about, and what stands beside it."""

Chart = TypeVar("Chart")


def need_altair() -> None:
    """Raise unless charts can be drawn and saved.

    Raises:
        MissingExtraError: if the extra ``report`` is not installed.
    """
    try:
        for name in ("altair", "vl_convert"):
            import_module(name)
    except ImportError as error:
        message = (
            "pictures need Altair. Install it with: pip install 'fieldwise[report]'"
        )
        raise MissingExtraError(message) from error


def chart_data(points: Sequence[Mapping[str, Any]]) -> "alt.Data":
    """Give rows to a chart without a dataframe.

    Args:
        points: one mapping per row.

    Returns:
        The rows as Altair takes them.
    """
    import altair as alt

    return alt.Data(values=list(points))  # type: ignore[no-untyped-call]


def styled(chart: Chart) -> Chart:
    """Give a chart the looks of the package.

    Args:
        chart: of Altair.

    Returns:
        It, with fonts, colours and margins.
    """
    axis = {
        "gridColor": FAINT,
        "domainColor": FAINT,
        "tickColor": FAINT,
        "labelColor": INK,
        "titleColor": INK,
        "titleFontWeight": "normal",
        "labelLimit": 200,
    }
    configured: Any = chart
    looks: Chart = (
        configured.configure(background="white", padding=16, font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_title(color=INK, subtitleColor="#52606d", fontSize=15, offset=14)
        .configure_legend(labelColor=INK, labelLimit=300)
    )
    return looks
