"""Rows of any number, encoded chunk by chunk while the next chunk is read.

Encoding ahead as well was measured on two cores: encoder and model both use all of
them, and together they are slower by a tenth than one after the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import polars as pl

from fieldwise.data.chunks import CHUNK_ROWS, read_chunks
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import UnknownCounter, encode_frame
from fieldwise.data.layout import RowLayout

__all__ = ["EncodedChunk", "encoded_chunks"]


@final
@dataclass(frozen=True, slots=True)
class EncodedChunk:
    """Some rows, ready for the model.

    Args:
        rows: encoded, without labels.
        unknown: how many of their values are unknown.
        kept: columns of the input that were asked for.
    """

    rows: Dataset
    unknown: UnknownCounter
    kept: pl.DataFrame


def encoded_chunks(
    encoder: Encoder, frame: pl.LazyFrame, keep: Sequence[str]
) -> Iterator[EncodedChunk]:
    """Read and encode a table chunk by chunk.

    Args:
        encoder: the fitted encoder.
        frame: raw rows with all columns the schema needs.
        keep: columns to pass on.

    Yields:
        The chunks, in the order of the rows.
    """
    names = encoder.schema.names
    chunks = read_chunks(
        frame,
        [pl.col(name) for name in dict.fromkeys([*names, *keep])],
        max_rows=CHUNK_ROWS,
        width=RowLayout.of(encoder.schema, labelled=False).width + len(keep),
    )
    for chunk in chunks:
        unknown = UnknownCounter()
        rows = encode_frame(encoder, chunk, labelled=False, unknown=unknown)
        yield EncodedChunk(rows, unknown, chunk.select(keep))
