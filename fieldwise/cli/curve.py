"""``fieldwise curve``: which fields are needed, by training again on the first ones."""

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
    from fieldwise.search import FieldCurve

__all__ = ["HELP", "curve"]

HELP = r"""
Rank the fields of a table by several methods, train on the first k of each order, and
show which method is best, how many fields are needed, and at what cost.

Every method ranks the fields on training and validation rows, once per seed. All orders
are cut at the same k, and a new model is trained from scratch on what remains; methods
that keep the same fields share that fit. Without --model it is a small one that a few
passes train, so that hundreds of fits take minutes; the order of fields is its purpose,
not its scores. AUKC is the mean height of the curve of AUC
over k above a guess, on the test rows: the latest tenth where there is a time column,
whole groups where there is a group column, else random rows. Which method and how many
fields to take is read off the validation rows; the test rows decide nothing.

Controls that must lose stand beside the methods: orders by chance, by the number of
values, and the chosen method reversed. Noise and copies are planted to see who keeps
them.

The same command, run again after it was killed, makes only what is missing. More
methods, seeds and k can be asked for later, in the same folder.

[bold]Examples[/bold]

fieldwise curve clicks.parquet --label click --methods shark,sfs,permutation

fieldwise curve clicks.parquet --label click --methods lasso,gbdt,shark
--k 5,10,20,30 --seeds 3 --model deepfm --set recipe.num_epochs=3

[bold]The methods[/bold] that this version has are named by --methods help.

[bold]The folder[/bold] holds curve.md, .parquet, .svg and .png, points.parquet (one row
per method, seed and k), rankings/, planted/, fits/, report.html and log.txt. Pictures
and report need pip install 'fieldwise\[report]'.
"""

ROOMS = ("fieldwise.search", "fieldwise.comparison")
WRAPPED = ("note",)
NAMES = "help"


def curve(  # noqa: PLR0913  the options of fit, and those of the curves
    *,
    data: options.Data = None,
    label: options.Label = None,
    methods: Annotated[
        str,
        typer.Option(
            help="Rankings, with commas between them; 'help' names all.",
            metavar="NAMES",
        ),
    ],
    k: Annotated[
        str | None,
        typer.Option(
            "--k",
            help="Numbers of fields, such as 5,10,20; evenly if not given.",
            metavar="NUMBERS",
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(help="Rankings and fits per method, seeds 0, 1, ...", min=1)
    ] = 3,
    random_orders: Annotated[
        int, typer.Option(help="Orders by chance, as a control.", min=0)
    ] = 10,
    model: Annotated[
        str | None,
        typer.Option(
            help="What to train, as fit would; a small deepfm, fast, if not given.",
            metavar="NAME",
        ),
    ] = None,
    config: options.Config = None,
    test: Annotated[
        float | None,
        typer.Option(
            help="Share of rows to hold out for the test; 0.1 without --split, --valid."
        ),
    ] = None,
    split: options.Split = None,
    valid: options.Valid = None,
    group: options.Group = None,
    time: options.Time = None,
    ignore: options.Ignore = None,
    weight: options.Weight = None,
    settings: options.Settings = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the results; runs/DATA-curve if not given.",
            metavar="FOLDER",
        ),
    ] = None,
    overwrite: options.ThrowAway = False,
    no_cache: options.NoRows = False,
    no_report: options.NoReport = False,
) -> None:
    """Rank fields, train on the first ones and write the curves."""
    from fieldwise.cli.config import check_config, refuse_selection
    from fieldwise.cli.draft import Draft
    from fieldwise.cli.source import source_arguments
    from fieldwise.search import field_curve
    from fieldwise.training.small_fit import SMALL_MODEL

    if methods == NAMES:
        _show_methods()
        return
    roles: dict[str, object] = {"label": label, "split": split, "valid": valid}
    roles |= {"group": group, "time": time, "ignore": ignore, "weight": weight}
    used: dict[str, dict[str, object]] = {"data": {"path": data, **roles}}
    used["model"] = {"name": model}
    draft = Draft.gather(config, used, settings)
    refuse_selection(draft, "curve")
    run = check_config(draft, default_model=SMALL_MODEL)
    is_named = "name" in draft.section("model")
    folder = out or default_folder(run.data.path[0], "curve")
    with (
        logged_in(folder, overwrite=overwrite),
        only_shown(*ROOMS),
        kept_for(folder, wanted=not no_cache) as kept,
    ):
        kept.forget_state()
        found = field_curve(
            **source_arguments(run),
            methods=methods,
            k=k,
            seeds=seeds,
            random_orders=random_orders,
            model=run.model if is_named else None,
            out=folder,
            overwrite=overwrite,
            test=test,
            recipe=run.recipe or None,
            model_arguments=run.model_arguments,
            cache=kept.cache,
        )
    _report(found, folder)
    report_on(folder, wanted=not no_report)
    if found.num_fields is not None:
        show_text(
            "next:  fieldwise fit DATA --label LABEL "
            f"--select {found.chosen} --fields {found.num_fields}"
        )
    if found.errors:
        raise typer.Exit(1)


def _show_methods() -> None:
    from fieldwise.selection.rankers import RANKERS

    columns: dict[str, Side] = {"method": "left", "a score is": "left"}
    columns["source"] = "left"
    rows = [[name, each.title, each.source] for name, each in RANKERS.items()]
    show_table(columns, rows, wrapped=("a score is", "source"))


def _report(found: "FieldCurve", folder: Path) -> None:
    from fieldwise.search.curve_cells import curve_cells

    headings, cells = curve_cells(found.leaderboard)
    columns: dict[str, Side] = {
        name: "left" if name in ("method", *WRAPPED) else "right" for name in headings
    }
    place = headings.index("method")
    rows: list[list[str | Text]] = [
        [Text(cell, style="bold") for cell in row]
        if row[place] == found.chosen
        else [*row]
        for row in cells
    ]
    title = f"AUKC on the {found.part} rows"
    show_table(columns, rows, title=title, wrapped=WRAPPED)
    for note in found.notes:
        show_text(note, style="yellow" if note.startswith("Warning") else "")
    show_text(f"saved: {folder}/curve.md", style="bold")
