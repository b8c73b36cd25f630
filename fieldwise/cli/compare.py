"""``fieldwise compare``: systems side by side on one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from fieldwise.cli import options
from fieldwise.cli.kept import kept_for
from fieldwise.cli.log import only_shown
from fieldwise.cli.report import report_on
from fieldwise.cli.results_folder import logged_in
from fieldwise.cli.run_folder import default_folder
from fieldwise.cli.tables import Side, show_table, show_text

if TYPE_CHECKING:
    from fieldwise.comparison import Comparison

__all__ = ["HELP", "compare"]

HELP = r"""
Fit several models to a raw table, several times each, and show which is best, by how
much, how surely and at what cost.

The table is divided and encoded once: all models learn from the same rows and are
measured on the same test rows, or validation rows where nobody holds out test rows.
--test 0.1 does: the latest rows where there is a time column, whole groups where there
is a group column, else random rows.

A model is told from the best by a paired test on these rows: DeLong's, or a bootstrap
where rows have weights or groups; from three seeds on, a paired t-test says whether
other seeds would give the same order. Both are corrected for the number of models.

The same command, run again after it was killed, makes only the fits that are missing,
and goes on in the middle of the interrupted one. More models or seeds can be asked for
later, in the same folder. A model that fails is shown with its error, stops no other,
and lets the command end with code 1.

[bold]Examples[/bold]

fieldwise compare clicks.parquet --label click --test 0.1

fieldwise compare clicks.parquet --label click --models fm,dcnv2,finalmlp --seeds 5

fieldwise compare log.parquet --label click --split part --models lr,dcnv2
--set recipe.num_epochs=3 --set model.dcnv2.embedding_dim=32

[bold]The folder[/bold] holds leaderboard.md, .parquet, .svg and .png, runs.parquet (one
row per model and seed), report.html and log.txt. Pictures and report need
pip install 'fieldwise\[report]'.

[bold]The TOML file[/bold] of --config is that of 'fieldwise fit', with sections
model.NAME for the arguments of one model.
"""

ROOM = "fieldwise.comparison"
WRAPPED = ("note",)
MARK = "≈ best"


def compare(  # noqa: PLR0913  the options of fit, and those of a comparison
    *,
    data: options.Data = None,
    label: options.Label = None,
    models: Annotated[
        str,
        typer.Option(
            help="Some of 'fieldwise models', with commas between them, or all.",
            metavar="NAMES",
        ),
    ] = "all",
    seeds: Annotated[
        int, typer.Option(help="Fits per model, with the seeds 0, 1, ...", min=1)
    ] = 3,
    config: options.Config = None,
    split: options.Split = None,
    valid: options.Valid = None,
    test: Annotated[
        float,
        typer.Option(
            help="Share of rows to hold out for the test, without --split, --valid."
        ),
    ] = 0.0,
    time: options.Time = None,
    group: options.Group = None,
    weight: options.Weight = None,
    ignore: options.Ignore = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="One setting, such as recipe.num_epochs=3, "
            "model.dcnv2.embedding_dim=32 or fields.hour.kind=numeric; repeatable.",
            metavar="KEY=VALUE",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; runs/DATA-compare if not given.",
            metavar="FOLDER",
        ),
    ] = None,
    overwrite: options.ThrowAway = False,
    no_cache: options.NoRows = False,
    no_report: options.NoReport = False,
) -> None:
    """Fit models, compare them and write a leaderboard."""
    from fieldwise.cli.compared_models import check_configs
    from fieldwise.cli.config import refuse_selection
    from fieldwise.cli.draft import Draft
    from fieldwise.cli.source import source_arguments
    from fieldwise.comparison import compare as compare_models
    from fieldwise.comparison.plan import choose_models

    roles: dict[str, object] = {"label": label, "time": time, "group": group}
    roles |= {"weight": weight, "ignore": ignore, "split": split, "valid": valid}
    names = choose_models(models)
    draft = Draft.gather(config, {"data": {"path": data, **roles}}, settings)
    refuse_selection(draft, "compare")
    runs = check_configs(draft, names)
    run = runs[names[0]]
    folder = out or default_folder(run.data.path[0], "compare")
    with (
        logged_in(folder, overwrite=overwrite),
        only_shown(ROOM),
        kept_for(folder, wanted=not no_cache) as kept,
    ):
        # The states of interrupted fits are in the folder of the comparison.
        kept.forget_state()
        result = compare_models(
            **source_arguments(run),
            models=names,
            seeds=seeds,
            out=folder,
            overwrite=overwrite,
            test=test,
            recipe=run.recipe or None,
            model_arguments={name: runs[name].model_arguments for name in names},
            cache=kept.cache,
        )
    _report(result, folder)
    report_on(folder, wanted=not no_report)
    if result.best is not None:
        show_text(f"next:  fieldwise fit DATA --label LABEL --model {result.best}")
    if result.errors:
        raise typer.Exit(1)


def _report(result: "Comparison", folder: Path) -> None:
    from fieldwise.comparison.cells import NOT_DISTINGUISHABLE, leaderboard_cells

    headings, full = leaderboard_cells(result.board)
    # Where columns are dear, a mark says it, and the line below says what it means.
    rows = [[cell.replace(NOT_DISTINGUISHABLE, MARK) for cell in row] for row in full]
    columns: dict[str, Side] = {
        name: "left" if name in ("model", *WRAPPED) else "right" for name in headings
    }
    shown: list[list[str | Text]] = [[*row] for row in rows]
    if result.best is not None:
        shown[0] = [Text(cell, style="bold") for cell in rows[0]]
    show_table(columns, shown, title=f"On the {result.part} rows", wrapped=WRAPPED)
    if rows != full:
        show_text(f"{MARK}: {NOT_DISTINGUISHABLE}, p (rows) >= 0.05")
    for note in result.notes:
        style = "yellow" if note.startswith("Warning") else ""
        show_text(note, style=style)
    show_text(f"saved: {folder}/leaderboard.md", style="bold")
