"""What matters, by every method that was asked, side by side."""

import math
from collections.abc import Mapping, Sequence

from fieldwise.errors import DataError
from fieldwise.importance import Importance, kendall_tau
from fieldwise.report.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Omission,
    Section,
    Table,
    Tabs,
)
from fieldwise.report.charts.bars import BAR_HEIGHT, draw_bars
from fieldwise.report.figures import NOTHING, crossed, figure, joined, shortened
from fieldwise.report.run_contents import RunContents

__all__ = ["importance_section"]

MOST_BARS, MOST_ROWS, MOST_OTHER = 30, 200, 3
SPREADS = ("deviation", "standard_error", "std")
"""Details that tell how far a score may be off."""
SHOWN_UNITS = ("field", "pair", "row")
"""Units that have a place of their own, or too many names to draw."""


def importance_section(run: RunContents) -> Section | Omission:
    """Draw the importances of fields, and compare them.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    found = run.of_unit("field")
    others = [one for one in run.importances if one.unit not in SHOWN_UNITS]
    if not found and not others:
        reason = (
            "No importance of fields was found: fieldwise fit keeps one, and so may "
            "every method in the folder importances/."
        )
        return Omission("What matters", reason)
    names = _names([*found, *others[:MOST_OTHER]])
    lead = f"By {joined(names[: len(found)])}." if found else ""
    if len(found) > 1:
        lead += (
            " Scores of different methods have different units: compare the order, "
            "not the height."
        )
    panels: list[tuple[str, Sequence[Block]]] = [
        (name, [_chart(one)])
        for name, one in zip(names, [*found, *others[:MOST_OTHER]], strict=True)
    ]
    blocks: list[Block] = [Tabs("Method", panels)]
    if found:
        blocks.append(_side_by_side(found, names[: len(found)]))
    if len(found) > 1:
        blocks.append(_agreement(found, names[: len(found)]))
    return Section("importance", "What matters", lead, tuple(blocks))


def _names(found: Sequence[Importance]) -> list[str]:
    """The methods, told apart where one of them is there twice."""
    names: list[str] = []
    for one in found:
        name = one.method if one.unit == "field" else f"{one.method}, {one.unit}"
        times = sum(other.partition(" #")[0] == name for other in names)
        names.append(f"{name} #{times + 1}" if times else name)
    return names


def _chart(one: Importance) -> Chart:
    scores = dict(zip(one.names, one.scores.tolist(), strict=True))
    spread = next((one.details[name] for name in SPREADS if name in one.details), None)
    spreads: Mapping[object, float] = (
        {} if spread is None else dict(zip(one.names, spread.tolist(), strict=True))
    )
    points = []
    for name in one.ranked[:MOST_BARS]:
        score = scores[name]
        point: dict[str, object] = {"unit": shortened(crossed(name)), "score": score}
        if spreads:
            point |= {"low": score - spreads[name], "high": score + spreads[name]}
        points.append(point)
    more = len(one) - len(points)
    shown = f"the first {len(points)} of {len(one)}" if more > 0 else "all of them"
    return Chart(
        title=f"{one.meaning[:1].upper()}{one.meaning[1:]}",
        description=f"By {one.method}, {shown}; the first is {points[0]['unit']}.",
        spec=draw_bars(points, title="score"),
        height=BAR_HEIGHT * len(points) + 60,
    )


def _side_by_side(found: Sequence[Importance], names: Sequence[str]) -> Table:
    """Scores as bars of each method's own largest one, and its places."""
    scores = [dict(zip(one.names, one.scores.tolist(), strict=True)) for one in found]
    places = [{name: place for place, name in enumerate(x.ranked, 1)} for x in found]
    fields = dict.fromkeys(name for one in found for name in one.ranked)
    columns = [Column("field", "left")]
    columns += [
        Column(name, hint=x.meaning) for name, x in zip(names, found, strict=True)
    ]
    rows = []
    for field in list(fields)[:MOST_ROWS]:
        cells = [Cell(crossed(field))]
        for own, order in zip(scores, places, strict=True):
            if field not in own:
                cells.append(Cell(NOTHING))
                continue
            top = max(own.values())
            share = max(0.0, own[field] / top) if top > 0 else 0.0
            text = f"{figure(own[field])}  ({order[field]}.)"
            cells.append(Cell(text, own[field], share))
        rows.append(cells)
    more = len(fields) - len(rows)
    note = f"{more} more fields are left out." if more > 0 else ""
    caption = "Scores and places side by side"
    return Table(caption, columns, rows, note)


def _agreement(found: Sequence[Importance], names: Sequence[str]) -> Table:
    """Kendall's tau of each pair of methods on the same fields."""
    columns = [Column("method", "left"), *(Column(name) for name in names)]
    rows = []
    for name, one in zip(names, found, strict=True):
        cells = [Cell(name)]
        for other in found:
            try:
                tau = 1.0 if one is other else kendall_tau(one, other)
            except DataError:
                tau = math.nan
            cells.append(Cell(figure(tau, 2), -2.0 if math.isnan(tau) else tau))
        rows.append(cells)
    note = "Kendall's tau: 1 is the same order, 0 none in common, -1 the reverse."
    return Table("How far the methods agree", columns, rows, note)
