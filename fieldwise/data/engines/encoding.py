"""The parts of a table as datasets, where an engine counts and joins.

The same files, byte by byte, as ``encode_parts`` writes of the same table.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.chunks import CHUNK_CELLS, CHUNK_ROWS
from fieldwise.data.columns import check_columns, role_columns
from fieldwise.data.dataset import Dataset, write_manifest
from fieldwise.data.encoded_parts import EncodedParts
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter
from fieldwise.data.engines.counting import count_values
from fieldwise.data.engines.dividing import DividedRows, divide_on_engine
from fieldwise.data.engines.engine import ROW, Engine, collect
from fieldwise.data.engines.learning import learn_encoder
from fieldwise.data.engines.looking_up import index_column, is_joined, look_up
from fieldwise.data.engines.rows import RowAssembler, read_in_order
from fieldwise.data.layout import RowLayout
from fieldwise.data.parts import part_fingerprint
from fieldwise.data.row_bar import row_bar
from fieldwise.data.splits import Split
from fieldwise.data.writer import RowWriter
from fieldwise.schema import CategoricalField, Schema

__all__ = ["encode_on_engine"]

_LOG = logging.getLogger("fieldwise")

BLOCK_ROWS = 2**20
"""Rows one query brings here: many, since each is a job of its own."""


def encode_on_engine(
    engine: Engine,
    schema: Schema,
    folder: Path,
    *,
    split: Split | str | None = None,
    seed: int = 0,
    fingerprint: str = "",
    progress: bool | None = None,
) -> EncodedParts:
    """Fit an encoder on the training rows of an engine's table and encode all rows.

    Args:
        engine: where the rows are.
        schema: the fields; need not be fitted.
        folder: each part gets a folder in it; one without a manifest is incomplete.
        split: how to divide the rows, as ``fieldwise.fit`` understands it.
        seed: of what is random in the split.
        fingerprint: of the raw table.
        progress: show bars; None shows them in a terminal.

    Returns:
        The datasets, memory-mapped.

    Raises:
        SchemaError: if columns are missing or cannot be read, or a label has one class.
        DataError: if the rows cannot be divided.
    """
    check_columns(schema, engine.types, labelled=True)
    divided = divide_on_engine(engine, schema, split, seed=seed)
    counts = {name: len(rows) for name, rows in divided.rows.items()}
    _LOG.info("rows: %s, %s", counts, divided.split)
    needed = list(dict.fromkeys([*schema.names, *role_columns(schema)]))
    table = engine.table.select(ROW, *needed)
    with _training_rows(engine, table, divided) as train:
        with row_bar("counting fields", len(schema), shown=progress) as advance:
            rows = divided.rows["train"]
            encoder = learn_encoder(engine, schema, train, rows, progress=advance)
        _LOG.info("encoder: %d features", encoder.schema.num_features)
        groups = {
            name: _number_groups(engine, table, rows, schema.group)
            for name, rows in divided.rows.items()
        }
    assemblers = {
        name: RowAssembler(encoder, groups[name], UnknownCounter())
        for name in divided.rows
    }
    looked_up = _look_up_all(engine, table, encoder)
    with engine.kept(looked_up, ordered=True) as kept:
        blocks = _blocks(engine, kept, encoder.schema, progress)
        _write(blocks, assemblers, divided, folder)
    _write_manifests(encoder.schema, divided, folder, fingerprint)
    return EncodedParts(
        encoder,
        {name: Dataset.open(folder / name) for name in divided.rows},
        {name: each.unknown.shares() for name, each in assemblers.items()},
    )


@contextmanager
def _training_rows(
    engine: Engine, table: nw.LazyFrame[Any], divided: DividedRows
) -> Iterator[nw.LazyFrame[Any]]:
    others = [rows for name, rows in divided.rows.items() if name != "train"]
    if not others:
        with engine.kept(table, ordered=False) as kept:
            yield kept
        return
    # The held-out rows are usually the fewer ones to send.
    held_out = engine.upload(pl.DataFrame({ROW: np.concatenate(others)}))
    train = table.join(held_out, on=ROW, how="anti")
    with engine.kept(train, ordered=False) as kept:
        yield kept


def _number_groups(
    engine: Engine,
    table: nw.LazyFrame[Any],
    rows: NDArray[np.int64],
    group: str | None,
) -> pl.DataFrame | None:
    """Number the groups of a part in order of value, as ``encode_to_folder`` does."""
    if group is None:
        return None
    part = table.select(ROW, nw.col(group).alias("value")).join(
        engine.upload(pl.DataFrame({ROW: rows})), on=ROW, how="semi"
    )
    found = collect(count_values(part.select("value")))
    return (
        found.select(group=pl.col("value").cast(engine.types[group]))
        .unique()
        .sort("group", nulls_last=True)
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int32))
    )


def _look_up_all(
    engine: Engine, table: nw.LazyFrame[Any], encoder: Encoder
) -> nw.LazyFrame[Any]:
    """Indices where the engine compares values as we do, raw columns elsewhere."""
    schema = encoder.schema
    joined = [
        field.name
        for field in schema
        if isinstance(field, CategoricalField)
        and is_joined(engine.types[field.name], encoder.vocabularies[field.name])
    ]
    for name in joined:
        table = look_up(engine, table, name, encoder.vocabularies[name])
    raw = [name for name in schema.names if name not in joined]
    kept = dict.fromkeys([*raw, *role_columns(schema)])
    return table.select(ROW, *map(index_column, joined), *kept)


def _blocks(
    engine: Engine,
    frame: nw.LazyFrame[Any],
    schema: Schema,
    progress: bool | None,
) -> Iterator[pl.DataFrame]:
    width = max(1, RowLayout.of(schema, labelled=True).width)
    block_rows = max(1, min(BLOCK_ROWS, CHUNK_CELLS // width))
    with row_bar("encoding rows", engine.num_rows, shown=progress) as advance:
        for block in read_in_order(
            frame, engine.types, num_rows=engine.num_rows, block_rows=block_rows
        ):
            for chunk in block.iter_slices(CHUNK_ROWS):
                yield chunk
                advance(len(chunk))


def _write(
    blocks: Iterable[pl.DataFrame],
    assemblers: Mapping[str, RowAssembler],
    divided: DividedRows,
    folder: Path,
) -> None:
    """Send every row to the part it is in; all parts grow side by side."""
    parts = _part_of_row(divided)
    with ExitStack() as files:
        writers = {}
        for name, assembler in assemblers.items():
            (folder / name).mkdir(parents=True)
            num_sequences = len(assembler.encoder.schema.sequence_fields)
            writers[name] = files.enter_context(RowWriter(folder / name, num_sequences))
        for block in blocks:
            codes = parts[block[ROW].to_numpy()]
            for code, (name, writer) in enumerate(writers.items()):
                rows = block.filter(pl.Series(codes == code))
                if len(rows):
                    encoded = assemblers[name].assemble(rows)
                    writer.append(encoded.matrix, encoded.sequences)


def _write_manifests(
    schema: Schema, divided: DividedRows, folder: Path, fingerprint: str
) -> None:
    for name, rows in divided.rows.items():
        made_from = part_fingerprint(
            schema, data=fingerprint, split=divided.checksum, part=name
        )
        write_manifest(
            folder / name,
            schema,
            num_rows=len(rows),
            labelled=True,
            fingerprint=made_from,
        )


def _part_of_row(divided: DividedRows) -> NDArray[np.uint8]:
    parts = np.empty(sum(map(len, divided.rows.values())), dtype=np.uint8)
    for code, rows in enumerate(divided.rows.values()):
        parts[rows] = code
    return parts
