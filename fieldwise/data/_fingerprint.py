"""Checksums of tables: equal content gives an equal checksum, on any machine."""

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from fieldwise.data._sources import DataFile
from fieldwise.errors import DataError

__all__ = ["fingerprint_files", "fingerprint_frame"]

_BLOCK_BYTES = 1 << 20
_BLOCK_ROWS = 1 << 16
_WIDE = (pl.Int128, pl.UInt128)
"""Integers NumPy has no type for."""


def fingerprint_files(files: Sequence[DataFile]) -> str:
    """Checksum names, sizes and bytes, in the order the files are read.

    Args:
        files: the files of one table.

    Returns:
        A sha256 in hexadecimal.
    """
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.name}\0{file.path.stat().st_size}\0".encode())
        with file.path.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                total.update(block)
    return total.hexdigest()


def fingerprint_frame(frame: pl.LazyFrame) -> str:
    """Checksum the values of every column, whatever their order and chunks.

    Values are hashed, not Arrow buffers: those may differ for equal columns, below
    nulls and in how strings are shared.

    Args:
        frame: any table; it is read once, in blocks.

    Returns:
        A sha256 in hexadecimal.

    Raises:
        DataError: if a column holds Python objects.
    """
    schema = frame.collect_schema()
    objects = [name for name, dtype in schema.items() if dtype == pl.Object]
    if objects:
        message = (
            f"source must hold Arrow types, got Python objects in the columns "
            f"{objects}. Cast or drop them."
        )
        raise DataError(message)
    names = sorted(schema)
    columns = {name: hashlib.sha256(f"{schema[name]}".encode()) for name in names}
    for block in _blocks(frame):
        for name in names:
            for part in _bytes(block[name]):
                columns[name].update(part)
    total = hashlib.sha256()
    for name in names:
        total.update(f"{name}\0{columns[name].hexdigest()}\0".encode())
    return total.hexdigest()


def _blocks(frame: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    """Rows in blocks of one size: the chunks of the frame must not show."""
    rest: pl.DataFrame | None = None
    for batch in frame.collect_batches(chunk_size=_BLOCK_ROWS, maintain_order=True):
        rows = batch if rest is None else rest.vstack(batch)
        whole = rows.height - rows.height % _BLOCK_ROWS
        yield from rows.head(whole).iter_slices(_BLOCK_ROWS)
        rest = rows.tail(rows.height - whole)
    if rest is not None and rest.height:
        yield rest


def _bytes(column: pl.Series) -> Iterator[bytes]:
    """Length and nulls, then values; lists and structs part by part."""
    yield np.int64(len(column)).tobytes()
    yield np.packbits(column.is_null().to_numpy()).tobytes()
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    if isinstance(column.dtype, pl.List):
        lengths = column.list.len().fill_null(0)
        yield lengths.to_numpy().tobytes()
        yield from _bytes(column.filter(lengths > 0).explode())
    elif isinstance(column.dtype, pl.Struct):
        for field in column.dtype.fields:
            yield from _bytes(column.struct.field(field.name))
    elif column.dtype != pl.Null:
        yield from _single_bytes(column)


def _single_bytes(column: pl.Series) -> Iterator[bytes]:
    """The values of a column that is not nested; null as zero or no text."""
    dtype = column.dtype
    if dtype == pl.Boolean or dtype.is_temporal():
        column = column.cast(pl.UInt8) if dtype == pl.Boolean else column.to_physical()
        yield column.fill_null(0).to_numpy().tobytes()
    elif dtype.is_float() or (dtype.is_integer() and dtype not in _WIDE):
        yield column.fill_null(0).to_numpy().tobytes()
    else:
        text = column.bin.encode("hex") if dtype == pl.Binary else column
        text = text.cast(pl.String).fill_null("")
        yield text.str.len_bytes().to_numpy().tobytes()
        yield str(text.str.join("").item()).encode()
