"""Colours by their role: the page gives them values, for light and for dark."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ROLES", "role", "to_spec"]

ROLES = ("ink", "faint", "main", "second", "warn", "paper")
"""What the script of the page gives a colour to."""


def role(name: str) -> Any:  # noqa: ANN401  Altair's expressions have no common type
    """Name a colour.

    Args:
        name: one of ``ROLES``.

    Returns:
        An expression that the page fills in.

    Raises:
        ValueError: if there is no such role.
    """
    import altair as alt

    from fieldwise._checks import check_choice

    check_choice("name", name, ROLES)
    return alt.ExprRef(expr=name)


def to_spec(chart: "alt.TopLevelMixin") -> dict[str, Any]:
    """Write a chart as a specification that fills its place on the page.

    Args:
        chart: of Altair.

    Returns:
        The specification, without the looks that the page gives to all charts.
    """
    # Altair would check each specification for half a second; the tests do.
    spec: dict[str, Any] = chart.to_dict(validate=False)
    for name in ("config", "$schema"):
        spec.pop(name, None)
    return spec
