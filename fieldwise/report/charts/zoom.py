"""Zoom and pan that leave the page alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ZOOM_HINT", "zoom"]

ZOOM_HINT = "Shift and wheel to zoom, drag to move, double-click to reset."


def zoom() -> "alt.Parameter":
    """Let a chart be zoomed with the wheel while shift is held, and moved by dragging.

    Without shift the wheel scrolls the page.

    Returns:
        A parameter for ``add_params``.
    """
    import altair as alt

    return alt.selection_interval(bind="scales", zoom="wheel![event.shiftKey]")
