"""``fieldwise fit``: from a raw table to a run folder."""

import logging
import time as clock
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldwise.cli import options
from fieldwise.cli.kept import Kept, kept_for
from fieldwise.cli.log import logged_to_file, silent_log
from fieldwise.cli.measured import Measured
from fieldwise.cli.report import report_on
from fieldwise.cli.results import show_fit_metrics, worst_shares
from fieldwise.cli.run_folder import (
    LOG,
    default_folder,
    free_folder,
    new_run_folder,
    write_run,
)
from fieldwise.cli.tables import clean, show_text
from fieldwise.cli.trackers import open_trackers

if TYPE_CHECKING:
    from fieldwise.cli.config import RunConfig
    from fieldwise.data.encoded_parts import EncodedParts
    from fieldwise.ranker import Ranker
    from fieldwise.tracking import Tracker

__all__ = ["HELP", "fit"]

_LOG = logging.getLogger("fieldwise")

HELP = r"""
Fit a ranker to a raw table, calibrate it and save it with all that led to it.

A tenth of the rows is held out to stop, calibrate and measure, unless --split or
--valid says which: the latest rows where there is a time column, whole groups where
there is a group column, else random rows.

A fit that was killed goes on where it stopped when the same command is run again, and
ends with the very same weights. Its state and the encoded rows are kept until then, see
'fieldwise cache'; --no-cache keeps nothing.

--select METHOD --fields N ranks the fields first, on the encoded table, and fits on the
first N of them: 'fieldwise curve' says which method and how many are worth it.

--track mlflow or --track tensorboard logs settings, curves and metrics there, too; if
that fails, the fit goes on.

Several processes share the work when torchrun starts them:
torchrun --nproc-per-node 2 -m fieldwise fit clicks.parquet --label click

[bold]Examples[/bold]

fieldwise fit clicks.parquet --label click

fieldwise fit clicks.parquet --label click --model lr --set recipe.learning_rate=0.01

fieldwise fit clicks.parquet --label click --select shark --fields 20

fieldwise fit --config runs/clicks-dcnv2/config.toml --set recipe.seed=1

[bold]The TOML file[/bold] has the sections data (path, label, weight, group, time,
ignore, split, valid), fields.NAME (kind, encoding, min_count, ...: in place of the
guess), selection (method, fields), model (name and its arguments), recipe (how to
train) and calibration (method, negative_rate). The config.toml of every run shows all
of them.
"""


def fit(  # noqa: PLR0913  the front door: each option is a question users ask
    *,
    data: options.Data = None,
    label: options.Label = None,
    model: options.Model = None,
    select: Annotated[
        str | None,
        typer.Option(help="Keep the first fields by this ranking.", metavar="METHOD"),
    ] = None,
    fields: Annotated[
        int | None,
        typer.Option(help="How many fields --select keeps.", metavar="N"),
    ] = None,
    config: options.Config = None,
    split: options.Split = None,
    valid: options.Valid = None,
    time: options.Time = None,
    group: options.Group = None,
    weight: options.Weight = None,
    ignore: options.Ignore = None,
    settings: options.Settings = None,
    track: Annotated[
        list[str] | None,
        typer.Option(help="Log to mlflow or tensorboard; repeatable.", metavar="TOOL"),
    ] = None,
    out: options.RunFolder = None,
    overwrite: options.Overwrite = False,
    no_cache: options.NoCache = False,
    no_report: options.NoReport = False,
) -> None:
    """Fit a ranker and write a run folder."""
    from fieldwise.cli.config import check_config
    from fieldwise.cli.draft import Draft
    from fieldwise.training.processes import process_rank

    roles: dict[str, object] = {"label": label, "time": time, "group": group}
    roles |= {"weight": weight, "ignore": ignore, "split": split, "valid": valid}
    used: dict[str, dict[str, object]] = {"data": {"path": data, **roles}}
    used["model"] = {"name": model}
    used["selection"] = {"method": select, "fields": fields}
    run = check_config(Draft.gather(config, used, settings))
    folder = out or default_folder(run.data.path[0], run.model)
    folder = folder if out or overwrite else free_folder(folder)
    trackers = open_trackers(track, folder)
    measured = Measured(evidence_wanted=not no_report)
    started = clock.perf_counter()
    with kept_for(folder, wanted=not no_cache) as kept:
        if process_rank() > 0:
            # Of several processes the first one writes and tells.
            with silent_log():
                _fit(run, kept)
            return
        with new_run_folder(folder, overwrite=overwrite) as partial:
            with logged_to_file(partial / LOG):
                ranker = _fit(run, kept, measured, trackers)
            seconds = clock.perf_counter() - started
            resolved = run.resolved(
                model_arguments=ranker.model_arguments, recipe=ranker.info["recipe"]
            )
            found = measured.diagnosis
            write_run(partial, ranker, resolved, seconds=seconds, diagnosis=found)
            measured.save_evidence(partial)
            _card(partial)
        kept.forget_state()
    _report(ranker, folder, seconds)
    for tracker in trackers:
        if tracker.complete:
            show_text(f"tracked: {tracker}")
    report_on(folder, wanted=not no_report)
    show_text(f"next:  fieldwise predict {folder} NEW_DATA --out scores.parquet")


def _fit(
    run: "RunConfig",
    kept: Kept,
    measured: "Measured | None" = None,
    trackers: "Sequence[Tracker]" = (),
) -> "Ranker":
    from fieldwise.cli.source import source_arguments
    from fieldwise.fitting import fit as fit_ranker
    from fieldwise.search import choose_fields
    from fieldwise.training.processes import process_rank

    selection = None
    if run.selection is not None:
        chosen, seed = run.selection, run.recipe.get("seed", 0)
        selection = choose_fields(chosen.method, chosen.fields, seed=seed)

    def observe(ranker: "Ranker", parts: "EncodedParts") -> None:
        if measured is not None:
            measured.measure(ranker, parts)

    return fit_ranker(
        **source_arguments(run),
        selection=selection,
        model=run.model,
        recipe=run.recipe or None,
        model_arguments=run.model_arguments,
        cache=kept.cache,
        checkpoints=kept.checkpoints,
        observe=observe,
        trackers=trackers,
        progress=None if process_rank() == 0 else False,
    )


def _card(folder: Path) -> None:
    """Write the model card; a fit of hours must not be lost for it."""
    from fieldwise.report.model_card import write_model_card

    try:
        write_model_card(folder)
    except Exception as error:
        _LOG.warning("no model card was written: %s", error)


def _report(ranker: "Ranker", folder: Path, seconds: float) -> None:
    info = ranker.info
    show_fit_metrics(info["uncalibrated_metrics"], info["metrics"])
    for part in info["metrics"]:
        worst = worst_shares(info["unknown_shares"][part])
        show_text(f"unknown values in {part}: {worst}")
    _report_fields(ranker)
    # They were shown before training, which may have been an hour ago.
    for warning in info["warnings"]:
        show_text(f"warning: {warning}", style="yellow")
    counts = ", ".join(
        f"{n:,} {part}" for part, n in info["split"]["rows"].items() if n
    )
    show_text(f"{counts} rows, {info['split']['how']}, {seconds:.1f} seconds")
    show_text(f"saved: {folder}", style="bold")


def _report_fields(ranker: "Ranker") -> None:
    """Say which fields were kept, the most important first."""
    from fieldwise.ranker import field_importance_of, field_selection_of

    importance, selection = field_importance_of(ranker), field_selection_of(ranker)
    if importance is None or selection is None:
        return
    kept, total = len(selection), len(selection.names)
    show_text(f"fields: {kept} of {total} kept by {importance.method}", style="bold")
    for word, names in (("kept", selection.kept), ("dropped", selection.dropped)):
        ordered = [clean(name) for name in importance.ranked if name in names]
        show_text(f"{word}: {', '.join(ordered) or 'none'}")
