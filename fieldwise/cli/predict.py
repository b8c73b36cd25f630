"""``fieldwise predict``: scores beside the key columns of the rows."""

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from fieldwise.cli import options
from fieldwise.cli.results import worst_shares
from fieldwise.cli.run_folder import find_ranker
from fieldwise.cli.tables import show_text

__all__ = ["HELP", "predict"]

HELP = r"""
Score rows of any number, and write the scores beside the columns that name the rows.

Those are the columns the ranker does not use as fields, such as ids, groups and
times; where there are none, the number of the row. Binary labels get a column
probability, others a column value; with several labels, one column for each.

[bold]Examples[/bold]

fieldwise predict runs/clicks-dcnv2 new.parquet --out scores.parquet

fieldwise predict runs/clicks-dcnv2 new.csv.gz --out scores.csv --keys user --keys item
"""


def predict(
    *,
    ranker: options.Ranker,
    data: options.Rows,
    out: Annotated[
        Path, typer.Option(help="File to write: .parquet or .csv.", metavar="FILE")
    ],
    keys: options.Keys = None,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="Write all columns of the input.")
    ] = False,
    precision: Annotated[
        Literal["float32", "bf16", "auto"],
        typer.Option(help="What to compute in; bf16 rounds to 3 digits."),
    ] = "float32",
    overwrite: options.Overwrite = False,
) -> None:
    """Write scores of rows."""
    import polars as pl

    from fieldwise.cli.config import one_or_all
    from fieldwise.cli.score_files import check_form, new_score_file
    from fieldwise.cli.scores import key_columns, scored
    from fieldwise.data.encoding import UnknownCounter
    from fieldwise.data.readers import read_table
    from fieldwise.data.row_bar import row_bar
    from fieldwise.ranker import Ranker

    with new_score_file(out, overwrite=overwrite) as file:
        loaded = Ranker.load(find_ranker(ranker))
        loaded.precision = precision
        rows = read_table(one_or_all(data))
        columns = key_columns(rows, loaded.schema, keys=keys or [], keep_all=keep_all)
        check_form(out, rows, columns)
        unknown = UnknownCounter()
        started = time.perf_counter()
        total = rows.select(pl.len()).collect(engine="streaming").item()
        with row_bar("scoring", total) as advance:
            for chunk in scored(loaded, rows, columns, unknown):
                file.write(chunk)
                advance(len(chunk))
    seconds = time.perf_counter() - started
    speed = total / max(seconds, 1e-9)
    show_text(f"{total:,} rows, {speed:,.0f} rows/s")
    show_text(f"unknown values: {worst_shares(unknown.shares())}")
    show_text(f"saved: {out}", style="bold")
