"""From a raw table to a fitted ranker: divide, encode, train, calibrate."""

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fieldwise.data.cache import Cache
from fieldwise.data.dataset import Dataset
from fieldwise.data.divided_table import DividedTable, divide_table
from fieldwise.data.encoded_parts import EncodedParts, encode_parts
from fieldwise.data.field_view import view_parts
from fieldwise.data.leakage import leaks_in_parts
from fieldwise.data.selected_rows import rows_of
from fieldwise.data.source_problems import source_problems
from fieldwise.data.splits import Split
from fieldwise.errors import ConfigError
from fieldwise.importance import Importance, Selection
from fieldwise.ranker import Ranker
from fieldwise.schema import Schema
from fieldwise.tracking.following import tracked
from fieldwise.tracking.tracker import Tracker
from fieldwise.training import FitSettings, Recipe, Trainer, train_in_stages
from fieldwise.training.calibrating import fit_calibrators
from fieldwise.training.environment import environment
from fieldwise.training.processes import num_processes, process_rank

__all__ = [
    "Choose",
    "encoded_table",
    "fit",
    "fit_encoded",
    "told_of",
]

_LOG = logging.getLogger("fieldwise")

Choose = Callable[[EncodedParts], tuple[Importance, Selection]]
"""Looks at encoded rows, and says which fields or which training rows matter, and which
of them to keep."""


def fit(  # noqa: PLR0913  the front door: each argument is a question users ask
    data: Any,  # noqa: ANN401
    *,
    label: str | Sequence[str] | None = None,
    model: str = "dcnv2",
    schema: Schema | None = None,
    weight: str | None = None,
    group: str | None = None,
    time: str | None = None,
    ignore: Sequence[str] = (),
    valid: Any = None,  # noqa: ANN401
    split: Split | str | None = None,
    selection: Selection | Choose | None = None,
    recipe: Recipe | Mapping[str, Any] | None = None,
    model_arguments: Mapping[str, Any] | None = None,
    calibration: str = "auto",
    negative_rate: float = 1.0,
    cache: Cache | str | Path | None = None,
    checkpoints: str | Path | None = None,
    observe: Callable[[Ranker, EncodedParts], None] | None = None,
    trackers: Sequence[Tracker] = (),
    progress: bool | None = None,
) -> Ranker:
    """Fit a ranker to a raw table.

    Without ``valid`` and without validation rows in ``split`` a tenth of the rows is
    held out: the latest ones where there is a time column, whole groups where there
    is a group column, else random ones. The held-out rows decide when to stop and how
    to calibrate. One seed, that of the recipe, decides everything random: the same
    call gives the same ranker.

    Started by ``torchrun`` in several processes, each of them calls ``fit`` with the
    same arguments, learns from its share of every batch, and returns the same ranker.

    Examples:
        >>> import polars as pl
        >>> sites = ["a", "b", "c", "d"] * 100
        >>> table = pl.DataFrame({"site": sites, "click": [1, 0, 0, 0] * 100})
        >>> ranker = fit(table, label="click", model="lr")
        >>> ranker.predict({"site": "a"}).shape
        (1,)

    Args:
        data: a frame, Arrow table, file, list of files, glob or folder.
        label: the column to predict, or several; needed without ``schema``.
        model: name in ``MODELS``.
        schema: the fields and roles; guessed by ``Schema.infer`` if not given.
        weight: column of row weights; only without ``schema``.
        group: column of the rows that are ranked together; only without ``schema``.
        time: column that orders the rows; only without ``schema``.
        ignore: columns that must not become fields; only without ``schema``.
        valid: held-out rows as a table of their own.
        split: how to divide ``data``: a split, or the column that names the part.
        selection: of fields, to fit on these alone; of training rows, to learn from
            these alone; or of pairs of fields, to use these alone and search for none,
            where the model searches for pairs. A function chooses fields or rows when
            it sees the encoded rows: ``fieldwise.search.choose_fields`` and
            ``choose_rows`` make one.
        recipe: how to train; a mapping changes single settings of the default, which
            depends on the model and on the size of the table
            (``fieldwise.training.default_recipe``).
        model_arguments: arguments of the model, for example ``embedding_dim``, on top
            of ``fieldwise.training.default_arguments``.
        calibration: a name in ``CALIBRATORS``, or ``auto`` for the one with the best
            cross-validated log loss on the held-out rows.
        negative_rate: share of negatives that were kept when the log was sampled;
            probabilities and metrics are corrected to the full log.
        cache: folder that keeps encoded rows for the next fit to the same table with
            the same schema and split; ``Cache()`` is the one the command line uses.
        checkpoints: folder that holds the state of the training while it goes on. The
            same call, made again after its process was killed, goes on from there and
            gives the very same ranker. The folder stays when the fit is complete.
        observe: called with the fitted ranker and the encoded rows before these are
            gone, for what needs both: ``fieldwise.diagnosis.diagnose`` does.
        trackers: are told the settings, every epoch and the ranker, such as
            ``fieldwise.tracking.MLflowTracker``. If one fails, the fit goes on.
        progress: show a progress bar; by default only in a terminal.

    Returns:
        The ranker. ``ranker.metrics`` holds the metrics of the held-out parts;
        ``ranker.info`` all that led to them: recipe, history, split, fingerprints,
        shares of unknown values, warnings of leaks, environment.

    Raises:
        ConfigError: if arguments are impossible; all of them are listed, before
            anything is read.
        SchemaError: if columns are missing or cannot be used; all are listed.
        DataError: if the data cannot be read or divided.
    """
    roles: dict[str, Any] = {"label": label, "weight": weight, "group": group}
    roles |= {"time": time, "ignore": ignore}
    settings = FitSettings(
        model=model,
        recipe=recipe,
        model_arguments=dict(model_arguments or {}),
        calibration=calibration,
        negative_rate=negative_rate,
        selection=None if callable(selection) else selection,
    )
    problems = source_problems(roles, schema, valid=valid, split=split)
    problems += settings.problems()
    if problems:
        raise ConfigError(" ".join(problems))
    roles["label"] = label or ()
    table = divide_table(
        data, schema, roles=roles, valid=valid, split=split, seed=settings.seed
    )
    found: dict[str, Any] = {}
    if isinstance(selection, Selection) and selection.unit == "field":
        table = replace(table, schema=selection.apply_to(table.schema))
        found = {"field_selection": selection.to_dict()}
    with (
        encoded_table(table, cache=cache, progress=progress) as whole,
        _place() as folder,
    ):
        encoded = whole
        if callable(selection):
            importance, chosen = selection(whole)
            encoded, found = _reduced(whole, chosen, importance, folder=folder)
        elif selection is not None and selection.unit == "row":
            encoded, found = _reduced(whole, selection, folder=folder)
        ranker = fit_encoded(
            encoded,
            settings,
            made_from=told_of(table, encoded) | found,
            checkpoints=checkpoints,
            trackers=trackers,
            progress=progress,
        )
        if observe is not None:
            observe(ranker, encoded)
        return ranker


def _reduced(
    encoded: EncodedParts,
    selection: Selection,
    importance: Importance | None = None,
    *,
    folder: Path,
) -> tuple[EncodedParts, dict[str, Any]]:
    """What was chosen of encoded rows, and what a ranker tells of the choice."""
    count, total = len(selection), len(selection.names)
    _LOG.info("%ss: %d of %d kept", selection.unit, count, total)
    if selection.unit == "row":
        train = rows_of(selection, encoded.datasets["train"])
        told: dict[str, Any] = {"kept": count, "rows": total}
        if importance is not None:
            told |= {"method": importance.method, "seed": importance.seed}
        datasets = encoded.datasets | {"train": train}
        return replace(encoded, datasets=datasets), {"row_selection": told}
    reduced = view_parts(encoded, list(map(str, selection.kept)), folder)
    found = {} if importance is None else {"field_importance": importance.to_dict()}
    return reduced, found | {"field_selection": selection.to_dict()}


@contextmanager
def encoded_table(
    table: DividedTable,
    *,
    cache: Cache | str | Path | None = None,
    progress: bool | None = None,
) -> Iterator[EncodedParts]:
    """Encode the parts of a table, or find them in the cache.

    Args:
        table: the divided table.
        cache: folder that keeps encoded rows; without one they are gone afterwards.
        progress: show a bar; None shows it in a terminal.

    Yields:
        The encoded parts.
    """
    with (
        _place_for_rows(cache) as (folder, kept),
        encode_parts(
            table.parts,
            table.schema,
            folder,
            fingerprint=table.fingerprint,
            progress=progress,
            cache=kept,
            table=table.name,
        ) as encoded,
    ):
        yield encoded


def told_of(table: DividedTable, encoded: EncodedParts) -> dict[str, Any]:
    """What a ranker tells of the rows it was fitted on; leaks are looked for, too.

    Args:
        table: the divided table.
        encoded: its parts.

    Returns:
        Plain JSON types: split, fingerprints, shares of unknown values, warnings.
    """
    return {
        "split": table.parts.to_dict(),
        "data_fingerprint": table.fingerprint,
        "dataset_fingerprints": encoded.fingerprints(),
        "unknown_shares": encoded.unknown_shares,
        "warnings": leaks_in_parts(table.parts, encoded.encoder.schema),
    }


def fit_encoded(
    encoded: EncodedParts,
    settings: FitSettings,
    *,
    made_from: Mapping[str, Any],
    checkpoints: str | Path | None = None,
    trackers: Sequence[Tracker] = (),
    progress: bool | None = None,
) -> Ranker:
    """Fit a ranker to encoded rows.

    Args:
        encoded: parts with validation rows.
        settings: how to fit; must have no problems.
        made_from: what ``told_of`` says about the rows.
        checkpoints: folder that holds the state of the training while it goes on.
        trackers: are told the settings, every epoch and the ranker.
        progress: show a progress bar; None shows it in a terminal.

    Returns:
        The ranker, measured on the held-out parts.
    """
    recipe = settings.full_recipe(
        num_rows=len(encoded.datasets["train"]),
        num_features=encoded.encoder.schema.num_features,
    )
    told = {
        "model": {"name": settings.model, **settings.all_arguments()},
        "recipe": recipe.to_dict(),
        "calibration": settings.calibration,
        "negative_rate": settings.negative_rate,
        "num_fields": len(encoded.encoder.schema),
        "num_features": encoded.encoder.schema.num_features,
        "data_fingerprint": made_from.get("data_fingerprint", ""),
    }
    with tracked(trackers if process_rank() == 0 else (), told) as followers:
        trained = train_in_stages(
            settings.model,
            encoded.datasets,
            settings.all_arguments(),
            Trainer(recipe, progress=progress, checkpoints=checkpoints),
            counts=encoded.encoder.counts(),
            selection=settings.selection,
            log=_LOG.info,
            on_epoch_end=followers.epoch,
        )
        valid = encoded.datasets["valid"]
        ranker = Ranker(
            encoded.encoder,
            trained.model,
            fit_calibrators(trained.model, valid, settings.calibration),
            model_name=settings.model,
            model_arguments=trained.found.arguments,
            negative_rate=settings.negative_rate,
            info={
                "recipe": recipe.to_dict(),
                "history": trained.history.to_dict(),
                **trained.found.to_dict(),
                **made_from,
                "environment": environment(),
            },
        )
        _measure(ranker, encoded.datasets)
        followers.finish(ranker)
    return ranker


@contextmanager
def _place_for_rows(
    cache: Cache | str | Path | None,
) -> Iterator[tuple[Path, Cache | None]]:
    """Where encoded rows go: the cache, or a folder for this fit only.

    Of several processes one encodes: they find its rows in a cache they share.
    """
    kept = Cache(Path(cache)) if isinstance(cache, str | Path) else cache
    if kept is None and num_processes() > 1:
        run = f"{os.environ.get('TORCHELASTIC_RUN_ID')}-{os.environ['MASTER_PORT']}"
        root = Path(tempfile.gettempdir()) / f"fieldwise-{run}"
        try:
            yield root, Cache(root)
        finally:
            if process_rank() == 0:
                shutil.rmtree(root, ignore_errors=True)
        return
    with _place() as folder:
        yield folder, kept


@contextmanager
def _place() -> Iterator[Path]:
    """A folder for this fit only."""
    with tempfile.TemporaryDirectory(prefix="fieldwise-") as folder:
        yield Path(folder)


def _measure(ranker: Ranker, parts: Mapping[str, Dataset]) -> None:
    """Note metrics of the held-out parts, with and without calibration."""
    for name, calibrated in (("metrics", True), ("uncalibrated_metrics", False)):
        ranker.info[name] = {
            part: ranker.evaluate_encoded(
                dataset,
                calibrated=calibrated,
                # Held-out rows were sampled as the others were.
                negative_rate=ranker.negative_rate,
            )
            for part, dataset in parts.items()
            if part != "train"
        }
