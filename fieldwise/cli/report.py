"""``fieldwise report``: what a run found, as one file to be passed on."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from fieldwise.cli.tables import show_text
from fieldwise.errors import MissingExtraError

__all__ = ["HELP", "report", "report_on"]

LIMITS = ("RLIMIT_DATA", "RLIMIT_AS")

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
    """Write the report of a run that is complete; where that is impossible, say so.

    Args:
        run: folder of the run.
        wanted: whether to write it at all.
    """
    if not wanted:
        return
    if _memory_is_limited():
        _report_apart(run)
        return
    from fieldwise.report import write_report

    try:
        show_text(f"report: {write_report(run)}", style="bold")
    except MissingExtraError as error:
        show_text(f"no report: {error}")


def _memory_is_limited() -> bool:
    try:
        resource = import_module("resource")
    except ImportError:
        return False
    limits = [getattr(resource, name, None) for name in LIMITS]
    return any(
        resource.getrlimit(limit)[0] != resource.RLIM_INFINITY
        for limit in limits
        if limit is not None
    )


def _report_apart(run: Path) -> None:
    """Draw in a process of its own: out of memory, the library ends its process."""
    command = [sys.executable, "-m", "fieldwise", "report", str(run)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        show_text(f"report: {run / 'report.html'}", style="bold")
        return
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    show_text(f"no report: {last} Try 'fieldwise report {run}' with more memory.")
