"""``fieldwise rank``: what each field says about the label, before any training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.ranked_fields import show_ranking
from fieldwise.cli.tables import show_text
from fieldwise.errors import ConfigError

if TYPE_CHECKING:
    from fieldwise.cli.sections import DataSection

__all__ = ["HELP", "rank"]

HELP = r"""
Rank the fields of a raw table by what each of them says about the label, in one pass
and bounded memory, without training anything.

A score is the mutual information with the label in nats, less what a column of such
values has by chance, and two standard deviations of that; it is the median over blocks
of rows. Columns made up of noise are scored beside the fields: what is not above the
best of them is a candidate for removal. A field may still matter together with another
one: --combinations 2 shows such pairs. Columns that are constant, copies of others, or
know the label are named.
The most frequent values of lists are scored one by one, too.

[bold]Examples[/bold]

fieldwise rank clicks.parquet --label click

fieldwise rank clicks.parquet --label click --combinations 2 --out ranking

fieldwise rank log.parquet --label click --split part --redundancy

Name the split where a table has validation and test rows: only training rows are
ranked by then. --redundancy orders the fields by what each adds to those before it
(3MR), so that a copy of a good field comes late.

[bold]Scores[/bold] of --heuristic: corrected, as above; published, as the code of the
authors of OutRank computes it, with more noise and the rows in the order of the file;
plain mutual information; adjusted mutual information, 1 at best; logloss, what a model
of the field alone saves on held-out rows, in nats; auc, 2 AUC - 1 of such a model.

[bold]The folder[/bold] of --out holds report.md, quality.json, and an importance for
each kind of score, which fieldwise.Importance.load reads.
"""


def rank(  # noqa: PLR0913  each option is a question users ask
    *,
    data: options.Data = None,
    label: options.Label = None,
    schema: options.SchemaFile = None,
    split: options.Split = None,
    time: options.Time = None,
    group: options.Group = None,
    weight: options.Weight = None,
    ignore: options.Ignore = None,
    heuristic: Annotated[
        str,
        typer.Option(
            help="The score; see above.",
            metavar="corrected|published|plain|adjusted|logloss|auc",
        ),
    ] = "corrected",
    numbers: Annotated[
        str,
        typer.Option(
            help="Numbers in 32 buckets of equal counts, or each a value of its own.",
            metavar="buckets|values",
        ),
    ] = "buckets",
    combinations: Annotated[
        int,
        typer.Option(help="Also score so many fields together.", min=1, metavar="K"),
    ] = 1,
    pairs: Annotated[
        int,
        typer.Option(help="Most pairs or combinations per block; they take turns."),
    ] = 1024,
    redundancy: Annotated[
        bool,
        typer.Option(
            "--redundancy", help="Order fields by what each adds to those before."
        ),
    ] = False,
    transforms: Annotated[
        bool,
        typer.Option("--transforms", help="Also score ten forms of each number."),
    ] = False,
    every: Annotated[
        int, typer.Option(help="Look at every so-many-th row.", min=1, metavar="N")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Of noise, and of the turns.", min=0)] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write.", metavar="FOLDER")
    ] = None,
    overwrite: options.Overwrite = False,
    json: options.Json = False,
) -> None:
    """Print fields by falling score."""
    from fieldwise.cli.config import check_columns, one_or_all
    from fieldwise.cli.draft import Draft
    from fieldwise.selection.outrank import Plan, rank_table
    from fieldwise.selection.outrank.field_ranking import check_new

    draft = Draft()
    if schema is not None:
        draft.add_file(schema)
    roles: dict[str, object] = {"label": label, "time": time, "group": group}
    roles |= {"weight": weight, "ignore": ignore, "split": split}
    draft.add_options("data", {"path": data, **roles})
    columns, overrides = check_columns(draft)
    plan = Plan(
        heuristic=heuristic,
        numbers=numbers,
        order=combinations,
        max_combinations=pairs,
        redundancy=redundancy,
        transforms=transforms,
        step=every,
        seed=seed,
    )
    if out is not None:
        check_new(out, overwrite=overwrite)
    table = one_or_all(columns.path)
    said = _said(columns, table, overrides)
    found = rank_table(table, **said, split=columns.split, plan=plan)
    if out is not None:
        found.save(out, overwrite=overwrite)
    if json:
        print(json_text(found.to_dict()))
        return
    show_ranking(found)
    if out is not None:
        show_text(f"saved: {out}/report.md", style="bold")


def _said(
    data: "DataSection", table: str | list[str], overrides: dict[str, Any]
) -> dict[str, Any]:
    """Where guesses are replaced, a schema in place of the roles of columns."""
    from fieldwise.data.readers import read_table
    from fieldwise.schema import Schema

    if len(data.label) != 1:
        message = f"--label must name the column to rank by, got {data.label}."
        raise ConfigError(message)
    roles: dict[str, Any] = {"label": data.label[0], "weight": data.weight}
    roles |= {"group": data.group, "time": data.time}
    if not overrides:
        return {**roles, "ignore": data.ignore}
    schema = Schema.infer(
        read_table(table), **roles, ignore=data.hidden, overrides=overrides
    )
    return {"schema": schema}
