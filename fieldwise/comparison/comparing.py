"""Systems side by side on one encoded table."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldwise.comparison.folder import ComparisonFolder, folder_for
from fieldwise.comparison.identity import identity_of
from fieldwise.comparison.leaderboard import make_leaderboard
from fieldwise.comparison.manifest import agree
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.plan import ALL, Plan, choose_models
from fieldwise.comparison.result import Comparison
from fieldwise.comparison.runner import run_jobs
from fieldwise.comparison.writing import write_results
from fieldwise.data.cache import Cache
from fieldwise.data.divided_table import DividedTable, divide_table
from fieldwise.data.source_problems import held_out_problems, source_problems
from fieldwise.data.splits import Split
from fieldwise.errors import ConfigError
from fieldwise.fitting import encoded_table, told_of
from fieldwise.schema import Schema
from fieldwise.training import FitSettings, Recipe
from fieldwise.training.processes import num_processes

__all__ = ["compare"]

_LOG = logging.getLogger("fieldwise.comparison")
SHOWN = 3
"""Other fits that are named."""


def compare(  # noqa: PLR0913  the arguments of fit, and those of a comparison
    data: Any,  # noqa: ANN401
    *,
    label: str | Sequence[str] | None = None,
    models: str | Sequence[str] = ALL,
    seeds: int = 3,
    out: str | Path | None = None,
    overwrite: bool = False,
    schema: Schema | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    valid: Any = None,  # noqa: ANN401
    split: Split | str | None = None,
    test: float = 0.0,
    recipe: Recipe | Mapping[str, Any] | None = None,
    model_arguments: Mapping[str, Mapping[str, Any]] | None = None,
    calibration: str = "auto",
    negative_rate: float = 1.0,
    cache: Cache | str | Path | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Fit several models to a table, several times each, and compare them.

    The table is divided and encoded once: every fit learns from the same rows and is
    measured on the same rows, the test part if there is one, else the validation part.
    A fit is the one that ``fieldwise.fit`` makes of the same settings and seed; only
    the division of the rows does not follow the seed, it is that of the first one.

    With ``out`` every finished fit is kept there: the same call, made again after its
    process was killed, makes the missing fits only, and goes on in the middle of the
    one that was interrupted. More models or seeds can be asked for later. A fit that
    fails stands in the results with its error and stops no other; the next call makes
    it again.

    Examples:
        >>> sites = ["a", "b", "c", "d"] * 100
        >>> clicks = {"site": sites, "click": [1, 0, 0, 0, 1, 0, 0, 1] * 50}
        >>> quick = {"num_epochs": 1, "learning_rate": 0.01}
        >>> result = compare(
        ...     clicks, label="click", models="lr,fm", seeds=2, test=0.2, recipe=quick
        ... )
        >>> sorted(result.leaderboard["model"]), len(result.runs), result.part
        (['fm', 'lr'], 4, 'test')

    Args:
        data: a frame, Arrow table, file, list of files, glob or folder.
        label: the column to predict, or several; needed without ``schema``. With
            several, the mean of their AUCs decides.
        models: names in ``MODELS``, in a list or with commas between them, or ``all``.
        seeds: fits per model, with the seeds 0, 1, ...; a seed in ``recipe`` is the
            first one.
        out: folder of the results; without it nothing is kept on disk.
        overwrite: throw away what is in ``out``.
        schema: the fields and roles; guessed by ``Schema.infer`` if not given.
        weight: column of row weights; only without ``schema``.
        group: column of the rows that are ranked together; only without ``schema``.
        time: column that orders the rows; only without ``schema``.
        ignore: columns that must not become fields; only without ``schema``.
        valid: held-out rows as a table of their own.
        split: how to divide ``data``: a split, or the column that names the part.
        test: share of rows to hold out for a test where neither ``valid`` nor
            ``split`` says, in [0, 1): by time, group or chance, as the validation rows.
        recipe: how to train every model, or changes of each one's default recipe.
        model_arguments: by model, arguments that differ from its defaults.
        calibration: a name in ``CALIBRATORS``, or ``auto``.
        negative_rate: share of negatives that were kept when the log was sampled.
        cache: folder that keeps encoded rows, as in ``fit``.
        progress: show a bar over the fits; by default only in a terminal.

    Returns:
        The tables, and where they are.

    Raises:
        ConfigError: if arguments are impossible; all of them are listed, before
            anything is read.
        SchemaError: if columns are missing or cannot be used; all are listed.
        DataError: if the data cannot be read or divided, or ``out`` holds something
            else: what differs is named.
    """
    roles: dict[str, Any] = {"label": label, "weight": weight, "group": group}
    roles |= {"time": time, "ignore": ignore}
    common = FitSettings(
        model="",
        recipe=recipe,
        calibration=calibration,
        negative_rate=negative_rate,
    )
    plan = _plan(choose_models(models), seeds, common, model_arguments or {})
    problems = source_problems(roles, schema, valid=valid, split=split)
    problems += plan.problems() + held_out_problems(test, valid=valid, split=split)
    if problems:
        raise ConfigError(" ".join(problems))
    roles["label"] = label or ()
    with folder_for(out) as folder:
        table = divide_table(
            data,
            schema,
            roles=roles,
            valid=valid,
            split=split,
            test=test,
            seed=plan.first_seed,
        )
        with folder.opened(overwrite=overwrite):
            found = _compare(table, plan, folder, cache=cache, progress=progress)
    return replace(found, folder=None) if out is None else found


def _compare(
    table: DividedTable,
    plan: Plan,
    folder: ComparisonFolder,
    *,
    cache: Cache | str | Path | None,
    progress: bool | None,
) -> Comparison:
    identity = identity_of(table, plan)
    agree(folder.root, identity)
    part = "valid" if table.parts.test is None else "test"
    missing = folder.missing(plan.jobs)
    _LOG.info("%d fits, %d to be made", len(plan.jobs), len(missing))
    failures = {}
    if missing:
        with encoded_table(table, cache=cache, progress=progress) as encoded:
            made_from = told_of(table, encoded)
            rows = MeasuredRows.of(encoded.datasets[part], encoded.encoder)
            folder.write_rows(rows, made_from)
            failures = run_jobs(
                missing,
                plan,
                lambda _: encoded,
                folder,
                part=part,
                made_from=made_from,
                explained=[job for job in plan.jobs if job.seed == plan.first_seed],
                progress=progress,
            )
    rows, about = folder.read_rows()
    fits = [folder.read(job) for job in plan.jobs if job not in failures]
    board = make_leaderboard(plan, fits, failures, rows, part=part)
    notes = [f"Warning: {text}" for text in about["warnings"]]
    if others := folder.others(plan.jobs):
        some = ", ".join(others[:SHOWN]) + (", ..." if others[SHOWN:] else "")
        notes.append(
            f"The folder holds {len(others)} finished fits that were not asked for "
            f"this time: {some}."
        )
    notes += write_results(folder.root, board, rows, identity, part=part, notes=notes)
    return Comparison(
        board.models, board.runs, board.measure, part, tuple(notes), folder.root
    )


def _plan(
    models: Sequence[str],
    seeds: int,
    common: FitSettings,
    arguments: Mapping[str, Mapping[str, Any]],
) -> Plan:
    problems = []
    if unused := [name for name in arguments if name not in models]:
        problems.append(
            f"model_arguments must be of the models that are compared, got {unused}."
        )
    if num_processes() > 1:
        problems.append(
            "compare must run in one process, got several. Let torchrun start "
            "'fieldwise fit' instead."
        )
    if problems:
        raise ConfigError(" ".join(problems))
    settings = {
        name: replace(common, model=name, model_arguments=dict(arguments.get(name, {})))
        for name in models
    }
    return Plan(settings, seeds)
