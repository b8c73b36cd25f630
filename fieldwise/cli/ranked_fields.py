"""A ranking in the terminal: bars, and the line that noise reaches."""

from typing import TYPE_CHECKING

from rich.text import Text

from fieldwise.cli.tables import Side, clean, number, show_table, show_text

if TYPE_CHECKING:
    from fieldwise.importance import Importance
    from fieldwise.selection.outrank import FieldRanking

__all__ = ["bar", "show_ranking"]

MAX_COMBINATIONS = 20
"""Combinations that are shown; the folder of the ranking holds all."""

BAR_CELLS = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float, cells: int = BAR_CELLS) -> str:
    """Draw a bar in eighths of a letter.

    Examples:
        >>> bar(0.5, cells=4), bar(0.3, cells=4), bar(-0.1)
        ('██', '█▎', '')

    Args:
        share: of the full length; nothing is drawn below zero.
        cells: letters of the full length.

    Returns:
        The bar.
    """
    whole, eighths = divmod(round(8 * cells * max(0.0, share)), 8)
    return ("█" * whole + _EIGHTHS[eighths]).rstrip()


def show_ranking(found: "FieldRanking") -> None:
    """Print fields, combinations and what looks wrong.

    Args:
        found: the ranking.
    """
    quality = found.quality
    rows = f"{quality.num_rows:,} rows in {found.num_blocks:,} blocks"
    title = f"What each field says about {clean(found.label)}: {rows}"
    show_text(title, style="bold")
    _show_fields(found)
    if found.combinations is not None:
        _show_groups(found.combinations, "together with the label")
    if found.forms is not None:
        _show_groups(found.forms, "other forms of numbers")
    if found.values is not None:
        _show_groups(found.values, "single values of lists")
    for finding in quality.findings:
        text = f"warning: {finding.kind}: {clean(finding.message)}"
        show_text(text, style="yellow")


def _show_fields(found: "FieldRanking") -> None:
    fields, (noise, reached) = found.fields, found.best_noise
    scores = dict(zip(fields.names, fields.scores.tolist(), strict=True))
    plain = dict(zip(fields.names, fields.details["plain"].tolist(), strict=True))
    best = max(scores.values()) or 1.0
    weak = {*found.below_noise}
    rows: list[list[str | Text]] = []
    line: list[str | Text] = [
        Text(text, style="yellow")
        for text in (f"— {noise}", bar(reached / best), number(reached), "", "", "")
    ]
    for name in (found.order or fields).ranked:
        is_first_below = found.order is None and name in weak and line not in rows
        rows += [line] if is_first_below else []
        column = found.quality[str(name)]
        cells = [
            clean(name),
            bar(scores[name] / best),
            number(scores[name]),
            number(plain[name]),
            f"{'' if column.is_exact else '~'}{column.num_values:,}",
            f"{column.coverage:.1%}",
        ]
        style = "dim" if name in weak else ""
        rows.append([Text(cell, style=style) for cell in cells])
    columns: dict[str, Side] = {"field": "left", "": "left"}
    columns |= dict.fromkeys(("score", "plain", "values", "filled"), "right")
    show_table(columns, rows)
    below = ", ".join(clean(name) for name in found.below_noise)
    show_text(
        f"below the best noise control ({noise}): {below or 'none'}"
        + (" - candidates for removal" if below else "")
    )


def _show_groups(found: "Importance", title: str) -> None:
    scores = dict(zip(found.names, found.scores.tolist(), strict=True))
    gains = found.details.get("gain", found.scores).tolist()
    gain = dict(zip(found.names, gains, strict=True))
    best = max(scores.values(), default=1.0) or 1.0
    between = " has " if found.unit == "value" else " x "
    rows = [
        [
            clean(name if isinstance(name, str) else between.join(name)),
            bar(scores[name] / best),
            number(scores[name]),
            *([number(gain[name])] if "gain" in found.details else []),
        ]
        for name in found.ranked[:MAX_COMBINATIONS]
    ]
    columns: dict[str, Side] = {found.unit: "left", "": "left", "score": "right"}
    columns |= {"gain": "right"} if "gain" in found.details else {}
    more = len(found) - len(rows)
    show_table(columns, rows, title=f"{title}{f', {more:,} more' if more else ''}")
