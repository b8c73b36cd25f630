"""``fieldwise report``: what a run found, as one file to be passed on."""

from pathlib import Path
from typing import Annotated

import typer

from fieldwise.cli.tables import show_text
from fieldwise.errors import MissingExtraError

__all__ = ["HELP", "report", "report_on"]

HELP = r"""
Write what a run found into one HTML file that can be sent to anybody: it needs no
network, no server and no installation, and runs nothing of the data.

Its first screen says what was predicted, how good that is beside a constant, whether
the probabilities can be trusted, what the biggest warning is, and what to do next. Then
come the fields, the leaderboard, learning curves, reliability, quality by segment, what
matters by every method that was asked, interactions, the selection curve, costs, and
how to get the same numbers again. What a run does not tell is left out and named.

'fieldwise fit', 'compare' and 'curve' write it by themselves, unless --no-report says
otherwise. Write it again when the folder of the run has got more to tell: importances
in importances/, as Importance.save or to_dict write them, or a cloud of interactions in
clouds/.

[bold]Examples[/bold]

fieldwise report runs/clicks-dcnv2

fieldwise report runs/clicks-compare --out /tmp/for-the-team

[bold]The files[/bold] are report.html, below 5 MB, and report.md with the same texts
and tables for tools that review code. They need pip install 'fieldwise\[report]'.
"""


def report(
    run: Annotated[
        Path,
        typer.Argument(
            help="A folder of fit, compare or curve, or of a saved ranker.",
            metavar="RUN",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write to; that of the run if not given.", metavar="FOLDER"
        ),
    ] = None,
) -> None:
    """Write the report of a run."""
    from fieldwise.report import write_report

    path = write_report(run, out=out)
    size = path.stat().st_size / 1e6
    show_text(f"saved: {path} ({size:.1f} MB) and report.md", style="bold")
    show_text("next:  open it in a browser, or send it; it needs nothing else")


def report_on(run: Path, *, wanted: bool) -> None:
    """Write the report of a run that is complete; without the extra, say so.

    Args:
        run: folder of the run.
        wanted: whether to write it at all.
    """
    from fieldwise.report import write_report

    if not wanted:
        return
    try:
        show_text(f"report: {write_report(run)}", style="bold")
    except MissingExtraError as error:
        show_text(f"no report: {error}")
