"""Bulk requests: a stream of Arrow in, a stream of Arrow out.

A stream comes from a stranger: it is checked in full before anything computes with it,
and nothing in it may become much larger than it came.
"""

import struct
from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from fieldwise.data.columns import check_columns
from fieldwise.errors import SchemaError
from fieldwise.schema import Schema
from fieldwise.serving.server.arrow_messages import is_compressed
from fieldwise.serving.server.problem import ProblemError

__all__ = ["ARROW", "read_arrow", "write_arrow"]

ARROW = "application/vnd.apache.arrow.stream"
MAX_GROWTH = 4
"""How much larger than the body its texts may be, of which one may stand for many."""


def read_arrow(content: bytes, schema: Schema, *, max_rows: int) -> pl.DataFrame:
    """Read the rows of a request.

    Args:
        content: of the body.
        schema: says which columns are read.
        max_rows: more are refused.

    Returns:
        The columns of the fields.

    Raises:
        ProblemError: if it is no stream of Arrow, or rows cannot be read by the schema.
    """
    try:
        table = _read(content, schema)
    except (pa.ArrowException, ValueError, IndexError, OSError, struct.error) as error:
        message = f"the body must be a stream of Arrow: {str(error)[:200]}"
        raise ProblemError(400, "broken-arrow", message) from None
    if not 0 < table.num_rows <= max_rows:
        message = f"rows must be 1 to {max_rows}, got {table.num_rows}."
        kind = "too-many-rows" if table.num_rows else "no-rows"
        raise ProblemError(422, kind, message)
    try:
        # This takes time in proportion to the rows, which now are few enough.
        table.validate(full=True)
        frame: Any = pl.from_arrow(table)
    except (pa.ArrowException, pl.exceptions.PolarsError) as error:
        message = f"the body must be a stream of Arrow: {str(error)[:200]}"
        raise ProblemError(400, "broken-arrow", message) from None
    _check(schema, frame, len(content))
    rows: pl.DataFrame = frame.select(schema.names)
    return rows


def _read(content: bytes, schema: Schema) -> pa.Table:
    for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(content)):
        if is_compressed(message.metadata.to_pybytes()):
            reason = "it must not be compressed. Write it without a codec"
            raise ValueError(reason)
    table = pa.ipc.open_stream(pa.BufferReader(content)).read_all()
    names = [name for name in schema.names if name in table.column_names]
    wrong = [name for name in names if not _is_read(table.schema.field(name).type)]
    if wrong:
        kinds = {name: str(table.schema.field(name).type)[:40] for name in wrong[:5]}
        reason = (
            f"columns must be numbers, text, booleans or lists of them, got {kinds}"
        )
        raise ValueError(reason)
    return table.select(names)


def _is_read(kind: pa.DataType) -> bool:
    """Types of which no value can stand for many, except texts, which are counted."""
    types = pa.types
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_plain(kind.value_type)
    if types.is_fixed_size_list(kind):
        return _is_plain(kind.value_type)
    if types.is_dictionary(kind):
        return _is_plain(kind.value_type)
    return _is_plain(kind)


def _is_plain(kind: pa.DataType) -> bool:
    types = pa.types
    return any(
        is_kind(kind)
        for is_kind in (
            types.is_null,
            types.is_boolean,
            types.is_integer,
            types.is_floating,
            types.is_temporal,
            types.is_string,
            types.is_large_string,
            types.is_string_view,
        )
    )


def _check(schema: Schema, frame: pl.DataFrame, num_bytes: int) -> None:
    try:
        check_columns(schema, frame.schema, labelled=False)
    except SchemaError as error:
        raise ProblemError(422, "invalid-rows", str(error)) from None
    texts = []
    for name, kind in frame.schema.items():
        if kind in (pl.String, pl.Categorical, pl.Enum):
            texts.append(pl.col(name).cast(pl.String))
        elif kind == pl.List(pl.String):
            texts.append(pl.col(name).explode())
    sizes = [
        frame.lazy().select(text.str.len_bytes().sum()).collect().item()
        for text in texts
    ]
    if sum(sizes) > MAX_GROWTH * num_bytes:
        message = "texts must not be much larger than the body, got some that repeat."
        raise ProblemError(413, "too-large", message)


def write_arrow(columns: Mapping[str, Any], told: Mapping[str, str]) -> bytes:
    """Write an answer.

    Args:
        columns: numbers by name.
        told: what is said beside them, as metadata of the schema.

    Returns:
        The body of the answer.
    """
    table = pa.table(dict(columns)).replace_schema_metadata(dict(told))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
