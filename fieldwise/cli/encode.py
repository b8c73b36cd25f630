"""``fieldwise encode``: from a raw table to encoded rows, here or on Spark."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldwise.cli import options
from fieldwise.cli.results import worst_shares
from fieldwise.cli.tables import show_text
from fieldwise.errors import ConfigError, DataError

if TYPE_CHECKING:
    from fieldwise.cli.sections import DataSection
    from fieldwise.data.encoded_parts import EncodedParts

__all__ = ["HELP", "encode"]

HELP = r"""
Encode a raw table: vocabularies and scales, learned of the training rows, and the rows
of every part as numbers.

The folder holds encoder, train, valid and, where the split names one, test. Rows are
divided as 'fieldwise fit' divides them. Both engines write the same bytes.

[bold]Examples[/bold]

fieldwise encode clicks.parquet --label click --out encoded

fieldwise encode /logs/2024 --label click --split part --out encoded --engine spark
"""

ENGINES = ("polars", "spark")
ENCODER = "encoder"
SHARES = "unknown_shares.json"


def encode(  # noqa: PLR0913  each option is a question users ask
    *,
    data: options.Data = None,
    out: Annotated[
        Path, typer.Option(help="Folder to write; must be new.", metavar="FOLDER")
    ],
    label: options.Label = None,
    engine: Annotated[
        str,
        typer.Option(
            help="polars: this machine; spark: a cluster, or all cores here.",
            metavar="polars|spark",
        ),
    ] = "polars",
    config: options.Config = None,
    split: options.Split = None,
    time: options.Time = None,
    group: options.Group = None,
    weight: options.Weight = None,
    ignore: options.Ignore = None,
    settings: options.Settings = None,
    seed: Annotated[
        int, typer.Option(help="Of the random choice of held-out rows.", min=0)
    ] = 0,
    overwrite: options.Overwrite = False,
) -> None:
    """Write an encoder and encoded rows."""
    from fieldwise._checks import check_choice
    from fieldwise._new_folder import new_folder
    from fieldwise.cli.config import check_columns
    from fieldwise.cli.draft import Draft
    from fieldwise.data.encoder_storage import write_encoder

    check_choice("--engine", engine, ENGINES)
    draft = Draft()
    if config is not None:
        draft.add_file(config)
    roles: dict[str, object] = {"label": label, "time": time, "group": group}
    roles |= {"weight": weight, "ignore": ignore, "split": split}
    draft.add_options("data", {"path": data, **roles})
    draft.add_settings(settings or [])
    columns, overrides = check_columns(draft)
    _check(columns, out, overwrite)
    with new_folder(out, replace=overwrite) as folder:
        run = _encode_with_spark if engine == "spark" else _encode_with_polars
        encoded = run(columns, overrides, folder, seed)
        write_encoder(encoded.encoder, folder / ENCODER)
        shares = json.dumps(encoded.unknown_shares, indent=1)
        (folder / SHARES).write_text(shares, "utf-8")
    for part, dataset in encoded.datasets.items():
        worst = worst_shares(encoded.unknown_shares[part])
        show_text(f"{part}: {len(dataset):,} rows, unknown values: {worst}")
    show_text(f"{encoded.encoder.schema.num_features:,} features")
    show_text(f"saved: {out}", style="bold")


def _check(data: "DataSection", out: Path, overwrite: bool) -> None:
    problems = []
    if not data.label:
        problems.append("--label must name the column to predict, got none.")
    if data.valid is not None:
        problems.append(
            "data.valid must be left out, got a table of its own. Let --split name the "
            "part of each row."
        )
    if problems:
        raise ConfigError(" ".join(problems))
    if out.exists() and not (overwrite and (out / ENCODER).is_dir()):
        remedy = (
            "It holds no encoder" if overwrite else "Pass --overwrite to replace it"
        )
        message = f"--out must be a new folder, got {str(out)!r}. {remedy}."
        raise DataError(message)


def _encode_with_polars(
    data: "DataSection", overrides: dict[str, Any], folder: Path, seed: int
) -> "EncodedParts":
    from fieldwise.data.columns import check_columns
    from fieldwise.data.encoded_parts import encode_parts
    from fieldwise.data.engines.dividing import divide_table
    from fieldwise.data.readers import read_table, table_fingerprint
    from fieldwise.schema import Schema

    frame = read_table(data.path)
    types = frame.collect_schema()
    roles = _roles(data, data.ignore, types)
    schema = Schema.infer(frame, **roles, overrides=overrides)
    check_columns(schema, types, labelled=True)
    parts = divide_table(frame, schema, data.split, seed=seed)
    fingerprint = table_fingerprint(data.path)
    return encode_parts(parts, schema, folder, fingerprint=fingerprint)


def _encode_with_spark(
    data: "DataSection", overrides: dict[str, Any], folder: Path, seed: int
) -> "EncodedParts":
    from fieldwise.data.engines.encoding import encode_on_engine
    from fieldwise.data.engines.engine import ROW
    from fieldwise.data.engines.spark import SparkEngine
    from fieldwise.data.engines.spark_session import spark_session
    from fieldwise.schema import Schema

    engine = SparkEngine(spark_session(), data.path, ignore=data.ignore)
    # In order: whether a column counts the rows is seen in the first of them.
    raw = engine.table.sort(ROW).drop(ROW).to_native()
    roles = _roles(data, [], engine.types)
    schema = Schema.infer(raw, **roles, overrides=overrides)
    return encode_on_engine(
        engine,
        schema,
        folder,
        split=data.split,
        seed=seed,
        fingerprint=engine.fingerprint(),
    )


def _roles(
    data: "DataSection", ignore: Sequence[str], names: Iterable[str]
) -> dict[str, Any]:
    # The column that names the parts is no field; a missing one is the split's error.
    hidden = [name for name in names if name == data.split]
    return {
        "label": data.label,
        "weight": data.weight,
        "group": data.group,
        "time": data.time,
        "ignore": [*ignore, *hidden],
    }
