"""The command ``fieldwise``.

Torch and Polars take seconds to import: commands import them when they run, so that
``fieldwise --help`` answers at once.
"""

import sys
from typing import Annotated, Any, final

import typer
from typer.core import TyperGroup

from fieldwise import __version__
from fieldwise.cli import (
    cache,
    card,
    compare,
    curve,
    demo,
    diagnose,
    drift,
    encode,
    evaluate,
    explain,
    export,
    fit,
    inspect,
    models,
    predict,
    rank,
    report,
    serve,
)
from fieldwise.cli.log import shown_log
from fieldwise.cli.tables import show_text
from fieldwise.errors import FieldwiseError

__all__ = ["app", "main"]

HELP = """
From a raw log to a small, fast, explained and served ranking model.

[bold]Start[/bold]

fieldwise demo

fieldwise inspect clicks.parquet --label click

fieldwise fit clicks.parquet --label click

fieldwise report runs/clicks-dcnv2

fieldwise predict runs/clicks-dcnv2 new.parquet --out scores.parquet
"""


@final
class _Commands(TyperGroup):
    """Says what users can mend in one line instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  typer's own signature
        try:
            with shown_log():
                return super().invoke(ctx)
        except Exception as error:
            if ctx.params.get("debug") or not _is_for_users(error):
                raise
            text = f"error: {' '.join(str(error).split())}"
            show_text(text, style="red", stderr=True)
            raise typer.Exit(2) from error


def _is_for_users(error: Exception) -> bool:
    """Whether the message alone says what to do."""
    if isinstance(error, FieldwiseError):
        return True
    if isinstance(error, OSError):
        # A reader that closes the pipe is no error: typer ends quietly.
        return not isinstance(error, BrokenPipeError)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(error, polars.exceptions.PolarsError):
        return True
    return isinstance(error, ValueError) and _is_ours(error)


def _is_ours(error: Exception) -> bool:
    """Whether an argument check of this package raised it, and not a library."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "") if trace else ""
    return str(module).partition(".")[0] == "fieldwise"


app = typer.Typer(
    cls=_Commands,
    name="fieldwise",
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo", help=demo.HELP)(demo.demo)
app.command("inspect", help=inspect.HELP)(inspect.inspect)
app.command("rank", help=rank.HELP)(rank.rank)
app.command("encode", help=encode.HELP)(encode.encode)
app.command("fit", help=fit.HELP)(fit.fit)
app.command("compare", help=compare.HELP)(compare.compare)
app.command("curve", help=curve.HELP)(curve.curve)
app.command("evaluate", help=evaluate.HELP)(evaluate.evaluate)
app.command("report", help=report.HELP)(report.report)
app.command("card", help=card.HELP)(card.card)
app.command("predict", help=predict.HELP)(predict.predict)
app.command("explain", help=explain.HELP)(explain.explain)
app.command("diagnose", help=diagnose.HELP)(diagnose.diagnose)
app.command("drift", help=drift.HELP)(drift.drift)
app.command("export", help=export.HELP)(export.export)
app.command("serve", help=serve.HELP)(serve.serve)
app.command("models", help=models.HELP)(models.models)
app.add_typer(cache.app, name="cache")


def _show_version(wanted: bool) -> bool:
    if wanted:
        print(f"fieldwise {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version.",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Options of all commands."""


def main() -> None:
    """Run the command line."""
    app()
