"""From a raw table to a fitted ranker: divide, encode, train, calibrate."""

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import nn

from fieldwise._checks import check_choice
from fieldwise.calibration import (
    CALIBRATORS,
    down_sampling_logit_shift,
)
from fieldwise.data.cache import Cache
from fieldwise.data.columns import check_columns
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import EncodedParts, encode_parts
from fieldwise.data.leakage import duplicate_rows, label_giveaway
from fieldwise.data.parts import (
    Parts,
    as_split,
    default_split,
    divide,
    given_parts,
    with_valid,
)
from fieldwise.data.readers import read_table, table_fingerprint
from fieldwise.data.splits import PARTS, ColumnSplit, Split
from fieldwise.errors import ConfigError
from fieldwise.models import build_model
from fieldwise.models import model_arguments as known_arguments
from fieldwise.ranker import Ranker
from fieldwise.schema import Schema
from fieldwise.training import (
    History,
    Recipe,
    Trainer,
    default_arguments,
    default_recipe,
    fill_unknown_rows,
)
from fieldwise.training.calibrating import fit_calibrators
from fieldwise.training.environment import environment
from fieldwise.training.processes import num_processes, process_rank

__all__ = ["fit"]

_LOG = logging.getLogger("fieldwise")
LEADING = ("num_epochs", "optimizer")


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
    recipe: Recipe | Mapping[str, Any] | None = None,
    model_arguments: Mapping[str, Any] | None = None,
    calibration: str = "auto",
    negative_rate: float = 1.0,
    cache: Cache | str | Path | None = None,
    checkpoints: str | Path | None = None,
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
    arguments = dict(model_arguments or {})
    roles: dict[str, Any] = {"weight": weight, "group": group, "time": time}
    problems = [
        *_source_problems({"label": label, **roles, "ignore": ignore}, schema),
        *_split_problems(valid, split),
        *_setting_problems(model, arguments, recipe, calibration, negative_rate),
    ]
    if problems:
        raise ConfigError(" ".join(problems))
    arguments = default_arguments(model) | arguments
    seed = _with_changes(Recipe(), recipe).seed
    fingerprint = _fingerprint(data, valid)
    frame = read_table(data)
    if schema is None:
        hidden = [*ignore, *_part_column(split, frame)]
        schema = Schema.infer(frame, label=label or (), ignore=hidden, **roles)
    parts = _divide(frame, schema, valid, split, seed)
    with (
        _place_for_rows(cache) as (folder, kept),
        encode_parts(
            parts,
            schema,
            folder,
            fingerprint=fingerprint,
            progress=progress,
            cache=kept,
            table=_name(data),
        ) as encoded,
    ):
        warnings = _leaks(parts, encoded.encoder.schema)
        chosen = _with_changes(_default_recipe(model, encoded, recipe), recipe)
        trainer = Trainer(chosen, progress=progress, checkpoints=checkpoints)
        network, history = _train(encoded, model, arguments, trainer)
        ranker = Ranker(
            encoded.encoder,
            network,
            fit_calibrators(network, encoded.datasets["valid"], calibration),
            model_name=model,
            model_arguments=arguments,
            negative_rate=negative_rate,
            info={
                "recipe": chosen.to_dict(),
                "history": history.to_dict(),
                "split": parts.to_dict(),
                "data_fingerprint": fingerprint,
                "dataset_fingerprints": encoded.fingerprints(),
                "unknown_shares": encoded.unknown_shares,
                "warnings": warnings,
                "environment": environment(),
            },
        )
        _measure(ranker, encoded.datasets)
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
    with tempfile.TemporaryDirectory(prefix="fieldwise-") as folder:
        yield Path(folder), kept


def _name(data: object) -> str:
    """What a table is called in the list of the cache."""
    return str(data) if isinstance(data, str | Path) else type(data).__name__


def _source_problems(roles: Mapping[str, object], schema: Schema | None) -> list[str]:
    if schema is None:
        if roles["label"]:
            return []
        got = roles["label"]
        return [f"label must be given, got {got!r}. Name the column to predict."]
    doubled = [name for name, value in roles.items() if value]
    problems = []
    if doubled:
        problems.append(
            f"{' and '.join(doubled)} must be part of the schema where one is given. "
            "Leave the argument out."
        )
    if not schema.labels:
        problems.append("schema must have a label, got none.")
    return problems


def _split_problems(valid: object, split: object) -> list[str]:
    if valid is None or split is None:
        return []
    return ["split must be None where valid is given: one way to hold rows out."]


def _with_changes(default: Recipe, recipe: Recipe | Mapping[str, Any] | None) -> Recipe:
    if isinstance(recipe, Recipe):
        return recipe
    return Recipe.from_dict(default.to_dict() | dict(recipe or {}))


def _default_recipe(
    model: str, encoded: EncodedParts, recipe: Recipe | Mapping[str, Any] | None
) -> Recipe:
    changes = {} if isinstance(recipe, Recipe) else dict(recipe or {})
    # Other settings of the default depend on these two.
    leading = {name: changes[name] for name in LEADING if name in changes}
    return default_recipe(
        model,
        num_rows=len(encoded.datasets["train"]),
        num_features=encoded.encoder.schema.num_features,
        **leading,
    )


def _setting_problems(
    model: str,
    arguments: Mapping[str, Any],
    recipe: Recipe | Mapping[str, Any] | None,
    calibration: str,
    negative_rate: float,
) -> list[str]:
    checks: tuple[Callable[[], object], ...] = (
        lambda: _with_changes(Recipe(), recipe),
        lambda: _check_model(model, arguments),
        lambda: json.dumps(arguments),
        lambda: check_choice("calibration", calibration, ("auto", *CALIBRATORS)),
        lambda: down_sampling_logit_shift(negative_rate),
    )
    problems = []
    for check in checks:
        try:
            check()
        except TypeError as error:
            problems.append(f"model_arguments must be plain JSON types: {error}.")
        except ValueError as error:
            problems.append(str(error))
    return problems


def _check_model(model: str, arguments: Mapping[str, Any]) -> None:
    known = known_arguments(model)
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        message = (
            f"model_arguments must be arguments of {model!r}, got {unknown}. It has "
            f"{sorted(known)}."
        )
        raise ConfigError(message)


def _fingerprint(data: object, valid: object) -> str:
    # Comes before the table is read: a reader that can be read once is refused now.
    if valid is None:
        return table_fingerprint(data)
    both = f"{table_fingerprint(data)} {table_fingerprint(valid)}"
    return hashlib.sha256(both.encode()).hexdigest()


def _part_column(split: Split | str | None, frame: pl.LazyFrame) -> list[str]:
    """The column that names the part of a row, if it is there, must be no field."""
    column = split.column if isinstance(split, ColumnSplit) else split
    return [name for name in frame.collect_schema().names() if name == column]


def _divide(
    frame: pl.LazyFrame,
    schema: Schema,
    valid: Any,  # noqa: ANN401
    split: Split | str | None,
    seed: int,
) -> Parts:
    check_columns(schema, frame.collect_schema(), labelled=True)
    default = default_split(schema, seed=seed)
    if valid is not None:
        held_out = read_table(valid)
        check_columns(schema, held_out.collect_schema(), labelled=True)
        parts = given_parts(frame, held_out)
    elif split is not None:
        parts = with_valid(divide(frame, as_split(split)), default)
    else:
        parts = divide(frame, default)
    _LOG.info("rows: %s, %s", parts.counts, parts.split)
    return parts


def _train(
    encoded: EncodedParts,
    model: str,
    arguments: Mapping[str, Any],
    trainer: Trainer,
) -> tuple[nn.Module, History]:
    schema = encoded.encoder.schema
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(trainer.recipe.seed)
        network = build_model(model, schema, **arguments)
    history = trainer.fit(
        network, encoded.datasets["train"], encoded.datasets["valid"], log=_LOG.info
    )
    fill_unknown_rows(network, schema, encoded.encoder.counts())
    return network, history


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


def _leaks(parts: Parts, schema: Schema) -> list[str]:
    """What looks like a leak, in words; nothing here stops a fit."""
    named = parts.named()
    codes = np.repeat(
        np.array([PARTS.index(name) for name in named], dtype=np.uint8),
        [parts.counts[name] for name in named],
    )
    rows = [part.select(schema.names) for part in named.values()]
    try:
        together = pl.concat(rows, how="vertical_relaxed")
        found = duplicate_rows(together, codes, schema.names)
    except pl.exceptions.PolarsError as error:
        _LOG.info("rows of different types are not searched for copies: %s", error)
        found = []
    for label in schema.labels:
        if label.kind == "binary":
            found += label_giveaway(parts.train, label.name, schema.names)
    for warning in found:
        _LOG.warning(warning.message)
    return [warning.message for warning in found]
