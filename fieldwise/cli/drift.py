"""``fieldwise drift``: what has changed since a ranker was fitted."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.ranked_fields import bar
from fieldwise.cli.run_folder import find_ranker
from fieldwise.cli.tables import Side, clean, number, show_table, show_text

if TYPE_CHECKING:
    from fieldwise.diagnosis.drift import Drift

__all__ = ["HELP", "drift"]

HELP = r"""
Tell how far new rows are from older ones, field by field, as a ranker sees them, and
what that does to its scores. Labels are not needed: it can run before any are known.

[bold]Examples[/bold]

fieldwise drift runs/clicks-dcnv2 lastweek.parquet today.parquet

fieldwise drift runs/clicks-dcnv2 'log/2024-05-*.parquet' today.parquet --out drift

[bold]How to read it[/bold]

drift is the divergence of Jensen and Shannon between the values of both tables, in
nats: 0 for equal shares, 0.693 for tables that have no value in common. noise is what a
field must exceed to mean anything: what chance makes of tables of these sizes (once in
a thousand fields), or what the first half of the older rows differs from the second by,
whichever is more. Give the older rows in the order of time, and a field that changes
every day raises no alarm; rows sorted by a field hide what becomes of it. Of rows the
ranker was fitted on it knows more values than of any others: better take later ones.
psi is the population stability index, for those who know its limits 0.1 and 0.25; of
many rare values it is large by chance.

unknown is the share of values the ranker has no row for, before and after; missing that
of rows without a value. A field above noise that matters to the ranker (see fieldwise
explain) is a reason to fit again; one with many unknown values is one in any case.

[bold]The folder[/bold] of --out holds report.md, drift.json with the values that moved,
and an importance of fields, which fieldwise.Importance.load reads.
"""


def drift(
    *,
    ranker: options.Ranker,
    old: Annotated[
        str,
        typer.Argument(help="Older rows: a file, folder or 'glob'.", metavar="OLD"),
    ],
    new: Annotated[
        list[str],
        typer.Argument(help="New rows: files, a folder or a 'glob'.", metavar="NEW"),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write.", metavar="FOLDER")
    ] = None,
    overwrite: options.Overwrite = False,
    json: options.Json = False,
) -> None:
    """Print fields by how far their values moved."""
    from fieldwise.cli.config import one_or_all
    from fieldwise.diagnosis.drift import find_drift
    from fieldwise.diagnosis.drift_folder import check_new, save_drift
    from fieldwise.ranker import Ranker

    if out is not None:
        check_new(out, overwrite=overwrite)
    loaded = Ranker.load(find_ranker(ranker))
    found = find_drift(loaded, old, one_or_all(new))
    if out is not None:
        save_drift(found, out, overwrite=overwrite)
    if json:
        print(json_text(found.to_dict()))
        return
    _show(found)
    if out is not None:
        show_text(f"saved: {out}/report.md", style="bold")


def _show(found: "Drift") -> None:
    before, after = found.num_rows
    fields = {field.name: field for field in found.fields}
    ranked = [fields[str(name)] for name in found.importance().ranked]
    best = max(field.movement.divergence for field in ranked) or 1.0
    rows = []
    for field in ranked:
        move = field.movement
        first = next(iter(move.moved), None)
        cells = [
            clean(field.name),
            bar(move.divergence / best, cells=10),
            number(move.divergence),
            number(move.noise),
            number(move.stability_index),
            *(f"{a:.1%} > {b:.1%}" for a, b in (field.unknown, field.missing)),
            ""
            if first is None
            else f"{clean(first.value)}: {first.before:.1%} > {first.after:.1%}",
        ]
        style = "" if move.is_drift else "dim"
        rows.append([Text(cell, style=style) for cell in cells])
    columns: dict[str, Side] = {"field": "left", "": "left"}
    told = ("drift", "noise", "psi", "unknown", "missing")
    columns |= dict.fromkeys(told, "right")
    title = f"What has changed: {after:,} rows beside {before:,} older ones"
    show_table(columns | {"moved most": "left"}, rows, title=title)
    names = ", ".join(map(clean, found.drifted))
    show_text(f"above noise: {names or 'none'}")
    if usual := ", ".join(map(clean, found.usual)):
        show_text(f"no more than between the halves of the older rows: {usual}")
    for score in found.scores:
        move = score.movement
        said = " > ".join(map(number, score.mean))
        show_text(
            f"scores of {clean(score.label)}: mean {said}, drift "
            f"{number(move.divergence)} (noise {number(move.noise)})"
        )
