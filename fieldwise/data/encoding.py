"""Raw rows in, encoded rows out: in memory for a frame, streamed for a file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from fieldwise._new_folder import new_folder
from fieldwise.data._row_blocks import (
    BLOCK_ROWS,
    EncodedRows,
    RowBlocks,
    UnknownCounter,
    plain_groups,
)
from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.columns import check_columns, role_columns
from fieldwise.data.dataset import Dataset, Ragged, write_manifest
from fieldwise.data.encoder import Encoder
from fieldwise.data.kept_hashes import KeptHashes
from fieldwise.data.layout import RowLayout
from fieldwise.data.writer import RowWriter
from fieldwise.errors import DataError

__all__ = [
    "CHUNK_ROWS",
    "EncodedRows",
    "UnknownCounter",
    "encode_frame",
    "encode_to_folder",
]


def encode_frame(
    encoder: Encoder,
    frame: pl.DataFrame,
    *,
    labelled: bool,
    unknown: UnknownCounter | None = None,
) -> Dataset:
    """Encode a table in memory.

    Args:
        encoder: the fitted encoder.
        frame: raw rows; columns the schema does not know are ignored.
        labelled: whether to encode labels, weights and groups, too.
        unknown: counts unknown values, if given.

    Returns:
        The encoded rows.

    Raises:
        SchemaError: if a column is missing or cannot be read; all are listed.
        DataError: if a weight is negative or not finite.
    """
    check_columns(encoder.schema, frame.schema, labelled=labelled)
    needed = frame.select(_needed(encoder, labelled=labelled))
    groups = _groups(encoder, needed.lazy()) if labelled else None
    blocks = RowBlocks(
        encoder,
        labelled=labelled,
        groups=groups,
        unknown=unknown,
        # Threads are not worth starting for a few rows.
        max_workers=1 + len(needed) // BLOCK_ROWS,
    )
    parts = list(blocks.encode([needed]))
    matrix = np.concatenate([rows.matrix for rows in parts])
    sequences = [
        Ragged(
            np.concatenate([items for items, _ in lists]),
            np.concatenate([[0], *(sizes for _, sizes in lists)], dtype=np.int64),
        )
        for lists in zip(*(rows.sequences for rows in parts), strict=True)
    ]
    for ragged in sequences:
        np.cumsum(ragged.offsets, out=ragged.offsets)
    return Dataset(encoder.schema, matrix, sequences, labelled=labelled)


def encode_to_folder(
    encoder: Encoder,
    frame: pl.LazyFrame,
    folder: Path,
    *,
    labelled: bool,
    fingerprint: str = "",
    unknown: UnknownCounter | None = None,
    hashes: KeptHashes | None = None,
    progress: Callable[[int], None] | None = None,
) -> Dataset:
    """Encode a table of any size, chunk by chunk, to a folder.

    Args:
        encoder: the fitted encoder.
        frame: raw rows.
        folder: where to; must not exist. It appears when it is complete.
        labelled: whether to encode labels, weights and groups, too.
        fingerprint: checksum of what the rows are made from.
        unknown: counts unknown values, if given.
        hashes: what ``Encoder.fit`` noted, if these are the rows it learned from.
        progress: called with the number of rows of each finished block.

    Returns:
        The encoded rows, memory-mapped.

    Raises:
        SchemaError: if a column is missing or cannot be read; all are listed.
        DataError: if the folder exists, or a weight is negative or not finite.
    """
    if folder.exists():
        message = f"folder must not exist yet, got {str(folder)!r}."
        raise DataError(message)
    schema = encoder.schema
    check_columns(schema, frame.collect_schema(), labelled=labelled)
    groups = _groups(encoder, frame) if labelled else None
    hashed = hashes.names if hashes is not None else ()
    blocks = RowBlocks(
        encoder, labelled=labelled, groups=groups, unknown=unknown, hashed=hashed
    )
    needed = _needed(encoder, labelled=labelled)
    # The number of rows is that of a column: one is read in any case.
    read = [name for name in needed if name not in hashed] or needed[:1]
    chunks = read_chunks(
        frame,
        [pl.col(name) for name in read],
        max_rows=CHUNK_ROWS,
        width=RowLayout.of(schema, labelled=labelled).width,
    )
    if hashes is not None:
        chunks = hashes.beside(chunks)
    with new_folder(folder) as partial:
        with RowWriter(partial, len(schema.sequence_fields)) as writer:
            for rows in blocks.encode(chunks):
                writer.append(rows.matrix, rows.sequences)
                if progress is not None:
                    progress(len(rows.matrix))
        write_manifest(
            partial,
            schema,
            num_rows=writer.num_rows,
            labelled=labelled,
            fingerprint=fingerprint,
        )
    return Dataset.open(folder)


def _needed(encoder: Encoder, *, labelled: bool) -> list[str]:
    """Columns to read, each once."""
    schema = encoder.schema
    roles = role_columns(schema) if labelled else []
    return list(dict.fromkeys([*schema.names, *roles]))


def _groups(encoder: Encoder, frame: pl.LazyFrame) -> pl.Series | None:
    """The groups in order of value: the same for any chunking and file order."""
    name = encoder.schema.group
    if name is None:
        return None
    distinct = frame.select(name).unique().sort(name, nulls_last=True)
    return plain_groups(distinct.collect(engine="streaming").to_series())
