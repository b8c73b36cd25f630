"""A Parquet table that may come from a stranger, and must not inflate.

A file of a kilobyte can hold a billion rows, or a long text that a million rows refer
to. So the layout is read first, page by page, and what Arrow would make of it is
counted; only then is a row read. (Arrow itself cannot be asked: it ends the process
when the layout of a column is damaged.)

Source: Apache Parquet, "parquet.thrift" (numbers of fields, encodings and types).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, final

from fieldwise._thrift import Struct, read_struct
from fieldwise.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["max_table_bytes", "read_bounded_table"]

MAX_FOOTER_BYTES = 2**20
"""What tells of the columns of all groups of rows: enough for a billion rows."""
BATCH_ROWS = 2**14
BATCH_BYTES = 2**26
WIDTH = 8
"""Bytes of the widest number, or of where a text begins."""

_TEXT = 6
_TYPES = (0, 1, 2, 4, 5, _TEXT)
"""Types that values may have: those of a fixed width of any size are left out."""
_DICTIONARY = 2
_DATA = {0: (5, 2), 3: (8, 4)}
"""Kinds of pages with values: fields of what it tells of them, and their encoding."""
_TEXT_ENCODINGS = (0, 2, 6, 8)
"""Plain, by a dictionary, lengths apart: not what repeats parts of the text before."""


@final
@dataclass(frozen=True)
class _Chunk:
    """A column of a row group: what its pages say."""

    path: str
    num_bytes: int
    num_values: int
    dictionary_bytes: int


def max_table_bytes(num_rows: int) -> int:
    """Most bytes that a table may take, as a file and in memory.

    Args:
        num_rows: of the table.

    Returns:
        256 MiB, and 1 KiB for each row.
    """
    return 2**28 + 2**10 * num_rows


def read_bounded_table(
    content: bytes, max_rows: int, *, names: Sequence[str] | None = None
) -> "pa.Table":
    """Read a table that has no more rows than it should have.

    Args:
        content: of the file.
        max_rows: most rows that it may have.
        names: its columns, in order, where they are known.

    Returns:
        The table, checked to be sound.

    Raises:
        DataError: if it has other columns, more rows, or takes too much memory.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    limit = max_table_bytes(max_rows)
    try:
        chunks = _chunks(content, max_rows, names)
        _check_size(chunks, limit)
    except (LookupError, TypeError, AttributeError) as error:
        message = f"its layout must be that of Parquet, got {error!r}."
        raise DataError(message) from error
    # Few rows at a time where each of them may refer to the whole dictionary.
    largest = max((chunk.dictionary_bytes for chunk in chunks), default=0)
    batch_rows = max(1, min(BATCH_ROWS, BATCH_BYTES // max(1, largest)))
    file = pq.ParquetFile(pa.BufferReader(content))
    batches = list(_batches(file.iter_batches(batch_rows, use_threads=False), limit))
    table = pa.Table.from_batches(batches, file.schema_arrow)
    table.validate(full=True)
    return table


def _chunks(content: bytes, max_rows: int, names: Sequence[str] | None) -> list[_Chunk]:
    footer = _footer(content)
    groups = footer.get(4, [])
    rows = max(footer[3], sum(_size(group, 3) for group in groups))
    if rows > max_rows:
        message = f"it must have at most {max_rows} rows, got {rows}."
        raise DataError(message)
    return [_chunk(content, column[3]) for column in _columns(groups, names)]


def _footer(content: bytes) -> Struct:
    end = len(content) - 8
    size = int.from_bytes(content[-8:-4], "little")
    start = end - size
    if content[:4] != b"PAR1" or content[-4:] != b"PAR1" or start < 4:
        message = "it must be a Parquet file."
        raise DataError(message)
    if size > MAX_FOOTER_BYTES:
        message = f"its footer must have at most {MAX_FOOTER_BYTES} bytes, got {size}."
        raise DataError(message)
    return read_struct(content, start)[0]


def _columns(groups: Sequence[Struct], names: Sequence[str] | None) -> list[Struct]:
    columns = list(chain.from_iterable(group[1] for group in groups))
    for group in groups if names is not None else ():
        found = [_path(column[3]) for column in group[1]]
        if found != list(names or ()):
            message = f"it must have the columns {list(names or ())}, got {found[:5]}."
            raise DataError(message)
    return columns


def _path(column: Struct) -> str:
    return b".".join(column[3]).decode("utf-8", "replace")


def _chunk(content: bytes, column: Struct) -> _Chunk:
    """Walk over the pages of a column, as Arrow does."""
    path, is_text = _path(column), column[1] == _TEXT
    if column[1] not in _TYPES:
        message = f"column {path!r} must be of numbers or text."
        raise DataError(message)
    if column[5] == 0:
        return _Chunk(path, 0, 0, 0)  # Arrow reads no page, and writes odd places
    first = column.get(11, 0)
    place = first if 0 < first < column[9] else column[9]
    end = place + column[7]
    num_bytes = num_values = dictionary_bytes = 0
    while place < end:
        header, place = read_struct(content, place)
        place += _size(header, 3)
        num_bytes += _size(header, 2)
        if header[1] == _DICTIONARY:
            dictionary_bytes = max(dictionary_bytes, header[2] if is_text else 0)
        elif header[1] in _DATA:
            num_values += _num_values(header, is_text=is_text)
    if place != end or num_values != column[5]:
        message = f"pages of column {path!r} must fill it."
        raise DataError(message)
    return _Chunk(path, num_bytes, num_values, dictionary_bytes)


def _num_values(header: Struct, *, is_text: bool) -> int:
    about_field, encoding_field = _DATA[header[1]]
    about = header[about_field]
    if is_text and about[encoding_field] not in _TEXT_ENCODINGS:
        message = "its text must be written in plain, or in a dictionary."
        raise DataError(message)
    return _size(about, 1)


def _size(struct: Struct, field: int) -> int:
    size: int = struct[field]
    if size < 0:
        message = f"its sizes must be zero or positive, got {size}."
        raise DataError(message)
    return size


def _check_size(chunks: Sequence[_Chunk], limit: int) -> None:
    size = sum(chunk.num_bytes + WIDTH * chunk.num_values for chunk in chunks)
    if size > limit:
        message = f"it must inflate to at most {limit} bytes, got {size}."
        raise DataError(message)


def _batches(
    batches: Iterator["pa.RecordBatch"], max_bytes: int
) -> Iterator["pa.RecordBatch"]:
    total = 0
    for batch in batches:
        total += batch.nbytes
        if total > max_bytes:
            message = f"it must inflate to at most {max_bytes} bytes, got more."
            raise DataError(message)
        yield batch
