"""``fieldwise predict``: scores beside the key columns of the rows."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from fieldwise.cli import options
from fieldwise.cli.results import worst_shares
from fieldwise.cli.run_folder import find_ranker
from fieldwise.cli.tables import show_text

if TYPE_CHECKING:
    import polars as pl

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
    overwrite: options.Overwrite = False,
) -> None:
    """Write scores of rows."""
    from fieldwise.cli.config import one_or_all
    from fieldwise.cli.score_files import check_form, new_score_file
    from fieldwise.cli.scores import UnknownShares, key_columns, scored
    from fieldwise.data.readers import read_table
    from fieldwise.ranker import Ranker

    with new_score_file(out, overwrite=overwrite) as file:
        loaded = Ranker.load(find_ranker(ranker))
        rows = read_table(one_or_all(data))
        columns = key_columns(rows, loaded.schema, keys=keys or [], keep_all=keep_all)
        check_form(out, rows, columns)
        unknown = UnknownShares()
        started = time.perf_counter()
        with _progress(rows) as advance:
            for chunk in scored(loaded, rows, columns, unknown):
                file.write(chunk)
                advance(len(chunk))
    seconds = time.perf_counter() - started
    speed = unknown.num_rows / max(seconds, 1e-9)
    show_text(f"{unknown.num_rows:,} rows, {speed:,.0f} rows/s")
    show_text(f"unknown values: {worst_shares(unknown.shares())}")
    show_text(f"saved: {out}", style="bold")


@contextmanager
def _progress(rows: "pl.LazyFrame") -> Iterator[Callable[[int], None]]:
    """Draw a bar in a terminal; rows are counted for nobody else."""
    import polars as pl

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    total = rows.select(pl.len()).collect(engine="streaming").item()
    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("scoring", total=total)
        yield lambda num_rows: bar.advance(task, num_rows)
