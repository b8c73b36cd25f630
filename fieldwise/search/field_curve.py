"""How good the orders of several methods are, by training again on their first fields.

Source: Jia et al., "ERASE: Benchmarking Feature Selection Methods for Deep Recommender
Systems", KDD 2024, https://arxiv.org/abs/2403.12660.

Differences from its code: nothing is chosen on test rows; gates learn from one half of
the validation rows, and the other half stops their training; vocabularies are those of
the training rows, with a row for unknown values; every seed ranks and trains anew, and
areas are tested over the seeds; seconds of search and training are told; rows are
divided by time where there is a time column. Controls that must lose stand beside the
methods.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldwise._checks import check_non_negative, check_positive
from fieldwise.comparison.folder import ComparisonFolder, folder_for
from fieldwise.comparison.identity import identity_of
from fieldwise.comparison.manifest import agree
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import choose_measure
from fieldwise.comparison.plan import Plan
from fieldwise.comparison.writing import write_files
from fieldwise.data.cache import Cache
from fieldwise.data.divided_table import DividedTable, divide_table
from fieldwise.data.source_problems import held_out_problems, source_problems
from fieldwise.data.splits import Split
from fieldwise.errors import ConfigError, DataError
from fieldwise.fitting import encoded_table, told_of
from fieldwise.schema import Schema
from fieldwise.search.curve_page import curve_page
from fieldwise.search.curve_plot import draw_curves
from fieldwise.search.curve_result import FieldCurve
from fieldwise.search.curve_run import CONTROLS, CurvePlan, run_curves
from fieldwise.search.curve_table import make_tables
from fieldwise.search.curves import Curves, best_method
from fieldwise.search.field_fits import read_grid
from fieldwise.search.methods import RanksFields, choose_methods
from fieldwise.training import FitSettings, Recipe
from fieldwise.training.environment import environment
from fieldwise.training.small_fit import SMALL_MODEL

__all__ = ["field_curve"]

CURVE = "curve"
TEST_SHARE = 0.1


def field_curve(  # noqa: PLR0913  the arguments of fit, and those of a comparison
    data: Any,  # noqa: ANN401
    *,
    methods: str | Sequence[str] | Mapping[str, RanksFields],
    label: str | Sequence[str] | None = None,
    k: str | Sequence[int] | None = None,
    seeds: int = 3,
    random_orders: int = 10,
    model: str | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    schema: Schema | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    valid: Any = None,  # noqa: ANN401
    split: Split | str | None = None,
    test: float | None = None,
    recipe: Recipe | Mapping[str, Any] | None = None,
    model_arguments: Mapping[str, Any] | None = None,
    calibration: str = "auto",
    negative_rate: float = 1.0,
    cache: Cache | str | Path | None = None,
    progress: bool | None = None,
) -> FieldCurve:
    """Rank the fields of a table by several methods, and train on the first of each.

    Every method ranks the fields once per seed, all orders are cut at the same numbers
    of fields, and a new model is trained from scratch on what remains. Two methods
    that keep the same fields share that fit. Beside the methods stand controls: orders
    by chance, by the number of values, the chosen method reversed, and all fields.

    No ranking and no choice sees a test row. With ``out`` every finished ranking and
    fit is kept there: the same call makes only what is missing, and further methods,
    seeds and numbers of fields can be asked for later.

    Args:
        data: a frame, Arrow table, file, list of files, glob or folder.
        methods: names in ``fieldwise.selection.rankers.RANKERS``, in a list or with
            commas between them; or methods by name.
        label: the column to predict, or several; needed without ``schema``.
        k: numbers of fields, in a list or with commas between them; None takes up to
            five, evenly below that of all fields.
        seeds: rankings and fits per method, with the seeds 0, 1, ...; a seed in
            ``recipe`` is the first one.
        random_orders: orders by chance, each with its own seed.
        model: name in ``MODELS`` of what is trained, as ``fit`` would; None for a small
            one that a few passes train, see ``fieldwise.training.small_fit``.
        out: folder of the results; without it nothing is kept on disk.
        overwrite: throw away what is in ``out``.
        schema: the fields and roles; guessed by ``Schema.infer`` if not given.
        weight: column of row weights; only without ``schema``.
        group: column of the rows that are ranked together; only without ``schema``.
        time: column that orders the rows; only without ``schema``.
        ignore: columns that must not become fields; only without ``schema``.
        valid: held-out rows as a table of their own.
        split: how to divide ``data``: a split, or the column that names the part.
        test: share of rows to hold out for a test, in [0, 1); a tenth where neither
            ``valid`` nor ``split`` says.
        recipe: how to train, or changes of the recipe it has without.
        model_arguments: arguments of the model that differ from its defaults.
        calibration: a name in ``CALIBRATORS``, or ``auto``.
        negative_rate: share of negatives that were kept when the log was sampled.
        cache: folder that keeps encoded rows, as in ``fit``.
        progress: show bars; by default only in a terminal.

    Returns:
        The curves as tables, and where they are.

    Raises:
        ConfigError: if arguments are impossible, before anything is read; or there are
            fewer fields than ``k`` says.
        SchemaError: if columns are missing or cannot be used; all are listed.
        DataError: if the data cannot be read or divided, the label is not binary, or
            ``out`` holds something else: what differs is named.
    """
    if test is None:
        test = TEST_SHARE if valid is None and split is None else 0.0
    roles: dict[str, Any] = {"label": label, "time": time, "ignore": ignore}
    roles |= {"weight": weight, "group": group}
    settings = FitSettings(
        model=SMALL_MODEL if model is None else model,
        small=model is None,
        recipe=recipe,
        model_arguments=dict(model_arguments or {}),
        calibration=calibration,
        negative_rate=negative_rate,
    )
    problems = source_problems(roles, schema, valid=valid, split=split)
    problems += settings.problems() + held_out_problems(test, valid=valid, split=split)
    if problems:
        raise ConfigError(" ".join(problems))
    plan = _plan(methods, settings, seeds, random_orders)
    roles["label"] = label or ()
    with folder_for(out) as folder:
        table = divide_table(
            data,
            schema,
            roles=roles,
            valid=valid,
            split=split,
            test=test,
            seed=settings.seed,
        )
        plan = replace(plan, grid=read_grid(k, len(table.schema)))
        with folder.opened(overwrite=overwrite):
            found = _measure(table, plan, folder, cache=cache, progress=progress)
    return replace(found, folder=None) if out is None else found


def _plan(
    methods: str | Sequence[str] | Mapping[str, RanksFields],
    settings: FitSettings,
    seeds: int,
    random_orders: int,
) -> CurvePlan:
    check_positive("seeds", seeds)
    check_non_negative("random_orders", random_orders)
    chosen = choose_methods(methods)
    if taken := [name for name in chosen if name in CONTROLS]:
        message = f"methods must not be called like the controls, got {taken}."
        raise ConfigError(message)
    return CurvePlan(chosen, settings, seeds, random_orders)


def _measure(
    table: DividedTable,
    plan: CurvePlan,
    folder: ComparisonFolder,
    *,
    cache: Cache | str | Path | None,
    progress: bool | None,
) -> FieldCurve:
    settings = plan.settings
    identity = identity_of(table, Plan({settings.model: settings}, plan.num_seeds))
    # The names of models may differ in a folder of a comparison; here they must not.
    identity["curve"] = {"model": settings.model, "small": settings.small}
    agree(folder.root, identity)
    part = "valid" if table.parts.test is None else "test"
    with (
        encoded_table(table, cache=cache, progress=progress) as encoded,
        tempfile.TemporaryDirectory(prefix="fieldwise-") as views,
    ):
        rows = MeasuredRows.of(encoded.datasets[part])
        if choose_measure(rows) != "auc":
            message = (
                f"the {part} rows must have a binary label with both classes, got "
                f"{dict(zip(rows.names, rows.kinds, strict=True))}."
            )
            raise DataError(message)
        made_from = told_of(table, encoded)
        folder.write_rows(rows, made_from)
        curves = run_curves(
            plan,
            encoded,
            folder,
            views=Path(views) / "rows",
            part=part,
            made_from=made_from,
            progress=progress,
        )
    notes = [f"Warning: {text}" for text in made_from["warnings"]]
    return _written(curves, rows, identity, folder.root, part=part, notes=notes)


def _written(
    curves: Curves,
    rows: MeasuredRows,
    identity: Mapping[str, Any],
    folder: Path,
    *,
    part: str,
    notes: Sequence[str],
) -> FieldCurve:
    lines, points = make_tables(curves)
    chosen = best_method(curves)
    found = FieldCurve(lines, points, part, chosen, folder=folder)
    told = [*notes, *_told(found, part)]

    def page(picture: str | None, more: Sequence[str]) -> str:
        return curve_page(
            lines,
            points,
            rows,
            identity,
            part=part,
            environment=environment(),
            notes=[*told, *more],
            picture=picture,
        )

    more = write_files(
        folder,
        CURVE,
        {CURVE: lines, "points": points},
        draw=lambda path: draw_curves(lines, points, path, part=part),
        page=page,
    )
    return replace(found, notes=(*told, *more))


def _told(found: FieldCurve, part: str) -> list[str]:
    told = []
    if found.chosen is not None:
        told.append(
            f"On the validation rows {found.chosen} is best, and its first "
            f"{found.num_fields} fields lose next to nothing."
        )
    if found.ahead_of_chance is not None:
        told.append(
            f"Its area is {found.ahead_of_chance:.1f} standard errors above the mean "
            "of the orders by chance."
        )
    if part == "valid":
        told.append(
            "Warning: there are no test rows. What was chosen on the validation rows "
            "is measured on the same ones, and looks better than it is."
        )
    return told
