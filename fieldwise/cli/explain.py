"""``fieldwise explain``: what moves the scores of a saved ranker."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.ranked_fields import bar
from fieldwise.cli.run_folder import find_ranker
from fieldwise.cli.tables import Side, clean, number, show_table, show_text
from fieldwise.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fieldwise.explanation import Background, Explanation
    from fieldwise.importance import Importance
    from fieldwise.ranker import Ranker

__all__ = ["HELP", "explain"]

HELP = r"""
Tell what each field adds to the scores of a ranker, over the rows of a table.

The rows are compared with a few rows drawn from the background, by default from the
table itself. What a field adds to the logit (log odds) of a row is what it says beyond
what it says in those rows; with their mean logit it all adds up to the logit of the
row. Labels are not needed, and any system can be explained.

[bold]Examples[/bold]

fieldwise explain runs/clicks-dcnv2 new.parquet

fieldwise explain runs/clicks-dcnv2 new.parquet --pairs --out why

fieldwise explain runs/clicks-dcnv2 today.parquet --background lastyear.parquet

fieldwise explain runs/clicks-dcnv2 today.parquet --row 0 --row 17

[bold]How to read it[/bold]

size is how far a field moves logits, on average, up or down; mean is where to, which is
near 0 unless the rows differ from the background. --pairs shows which of the first
fields say something only together. faithful compares the order of fields with random
orders: an explanation whose area is not clearly the larger one is not worth reading.

[bold]The folder[/bold] of --out holds report.md, rows.parquet with what each field
adds to each row, and an importance of fields and of pairs, which
fieldwise.Importance.load reads.

[bold]Single rows[/bold]

--row tells why a row has its score: what each field adds, the pairs that matter, and
the smallest change of fields that would turn the decision. It is repeatable; the first
row is 0.
"""


def explain(  # noqa: PLR0913  the door to rows, fields and pairs
    *,
    ranker: options.Ranker,
    data: options.Rows,
    rows: Annotated[
        int, typer.Option(help="Explain so many rows, drawn at random.", min=1)
    ] = 1000,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Also show pairs of fields.")
    ] = False,
    row: Annotated[
        list[int] | None,
        typer.Option(help="Explain this row alone; repeatable.", metavar="N", min=0),
    ] = None,
    background: Annotated[
        list[str] | None,
        typer.Option(help="Rows to compare with; repeatable.", metavar="FILE"),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(help="Which label, where there are several.", metavar="COLUMN"),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the rows that are drawn.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write.", metavar="FOLDER")
    ] = None,
    overwrite: options.Overwrite = False,
    json: options.Json = False,
) -> None:
    """Print fields by how far they move logits."""
    from fieldwise.cli.config import one_or_all
    from fieldwise.explanation.background import drawn_rows, prepare_background
    from fieldwise.explanation.explaining import explain as explain_rows
    from fieldwise.explanation.explanation_folder import check_new, save_explanation
    from fieldwise.ranker import Ranker

    if out is not None and row is not None:
        message = f"--out must not be given with --row, got {str(out)!r}."
        raise DataError(message)
    if out is not None:
        check_new(out, overwrite=overwrite)
    loaded, table = Ranker.load(find_ranker(ranker)), one_or_all(data)
    others = table if background is None else one_or_all(background)
    compared = prepare_background(loaded, others, label=label, seed=seed)
    if row is not None:
        _explain_rows(loaded, table, row, compared, json=json)
        return
    chosen = drawn_rows(loaded, table, num_rows=rows, seed=seed)
    found = explain_rows(loaded, chosen, background=compared)
    fields = found.importance()
    together = found.pairs() if pairs else None
    if out is not None:
        save_explanation(found, out, pairs=together, overwrite=overwrite)
    if json:
        told = {"fields": fields.to_dict(), "base": found.contributions.base}
        told |= {} if together is None else {"pairs": together.to_dict()}
        print(json_text(told))
        return
    _show_all(found, fields, together)
    if out is not None:
        show_text(f"saved: {out}/report.md", style="bold")


def _show_all(
    found: "Explanation", fields: "Importance", together: "Importance | None"
) -> None:
    compared = found.background
    base = number(found.contributions.base)
    title = f"What moves {clean(compared.label)}: {len(found):,} rows, base {base}"
    _show(fields, "field", title=title)
    if together is not None:
        _show(together, "pair", title="together")
    show_text(f"faithful: {found.faithfulness}")
    if compared.warning:
        show_text(clean(compared.warning))


def _explain_rows(
    ranker: "Ranker",
    table: object,
    numbers: "Sequence[int]",
    background: "Background",
    *,
    json: bool,
) -> None:
    """Print why single rows have their scores."""
    from fieldwise.explanation.background import rows_at
    from fieldwise.explanation.explaining import explain as explain_rows

    found = explain_rows(ranker, rows_at(ranker, table, numbers), background=background)
    if json:
        told = [
            {"row": row, **found.row_dict(place)} for place, row in enumerate(numbers)
        ]
        print(json_text({"rows": told}))
        return
    for place, row in enumerate(numbers):
        lines = found.row_text(place, number=row).splitlines()
        show_text("\n".join(clean(line) for line in lines) + "\n")


def _show(importance: "Importance", unit: str, *, title: str) -> None:
    best = max(importance.scores.tolist(), default=0.0) or 1.0
    rows = []
    for name in importance.ranked:
        place = importance.names.index(name)
        size = float(importance.scores[place])
        mean = float(importance.details["signed"][place])
        text = name if isinstance(name, str) else " x ".join(name)
        rows.append([clean(text), bar(size / best), number(size), f"{mean:+.5f}"])
    columns: dict[str, Side] = {unit: "left", "": "left", "size": "right"}
    show_table(columns | {"mean": "right"}, rows, title=title)
