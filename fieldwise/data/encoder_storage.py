"""An encoder as a folder: JSON and Parquet, nothing that can run.

::

    schema.json          fitted schema; checksum of every other file
    vocabulary/N.parquet values and counts of the N-th field that has a vocabulary

File names come from positions, never from field names, so no name can leave the folder.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from fieldwise._bounded_read import read_bounded
from fieldwise._bounded_table import max_table_bytes, read_bounded_table
from fieldwise.data.checked_files import checksums, naming, read_checked
from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import DataError, FieldwiseError
from fieldwise.schema import CategoricalField, Schema, SequenceField
from fieldwise.schema.field import ValueType

__all__ = [
    "FORMAT_VERSION",
    "read_encoder",
    "read_vocabularies",
    "write_encoder",
    "write_vocabularies",
]

FORMAT_VERSION = 1

SCHEMA = "schema.json"

_ARROW_TYPES: Mapping[ValueType, pa.DataType] = {
    "string": pa.large_string(),
    "int": pa.int64(),
    "uint": pa.uint64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
}

# Every setting that decides a byte is said here: defaults change with versions. The
# values of a vocabulary all differ, so a dictionary of them would not be shorter.
_PARQUET: Mapping[str, Any] = {
    "version": "2.6",
    "compression": "zstd",
    "compression_level": 3,
    "row_group_size": 2**20,
    "data_page_size": 2**20,
    "data_page_version": "1.0",
    "use_dictionary": ["count"],
    "write_statistics": False,
    "store_schema": False,
}


def write_encoder(encoder: Encoder, folder: Path) -> None:
    """Write an encoder; the same encoder gives the same bytes.

    Where readers must never meet half an encoder, let ``folder`` be one that
    ``new_folder`` yields.

    Args:
        encoder: the fitted encoder.
        folder: where to; must be empty, or not exist yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_vocabularies(encoder, folder)
    content = {
        "format_version": FORMAT_VERSION,
        "schema": encoder.schema.to_dict(),
        "sha256": checksums(folder),
    }
    # Comes last, so that a folder without it is incomplete.
    (folder / SCHEMA).write_text(json.dumps(content, indent=1), "utf-8")


def read_encoder(folder: Path) -> Encoder:
    """Read and check an encoder's folder.

    Args:
        folder: a folder that ``write_encoder`` filled.

    Returns:
        The encoder.

    Raises:
        DataError: naming the file and what is wrong with it.
    """
    if not (folder / SCHEMA).is_file():
        message = f"folder must hold {SCHEMA}, got {str(folder)!r}. Is it an encoder?"
        raise DataError(message)
    with naming(SCHEMA, DataError):
        content = json.loads(read_bounded(folder / SCHEMA))
        if content["format_version"] != FORMAT_VERSION:
            message = (
                f"its format must be {FORMAT_VERSION}, got "
                f"{content['format_version']!r}. Upgrade fieldwise, or fit the encoder "
                "again"
            )
            raise DataError(message)
        schema = Schema.from_dict(content["schema"])
        if not schema.is_fitted:
            message = "its schema must be fitted, got fields without what is learned"
            raise DataError(message)
        wanted = dict(content["sha256"])
    vocabularies = read_vocabularies(folder, schema, wanted, DataError)
    with naming(SCHEMA, DataError):
        return Encoder(schema, vocabularies)


def write_vocabularies(encoder: Encoder, folder: Path) -> None:
    """Write one Parquet file per vocabulary.

    Args:
        encoder: the fitted encoder.
        folder: gets a folder ``vocabulary``.
    """
    (folder / "vocabulary").mkdir()

    def write(file: str, vocabulary: Vocabulary) -> None:
        table = vocabulary.to_frame().to_arrow()
        # One chunk: where chunks end would decide where pages do.
        table = table.cast(_columns(vocabulary.value_type)).combine_chunks()
        pq.write_table(table, folder / file, **_PARQUET)

    # Two at a time: each is compressed on one thread, and copied once in memory.
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(write, file, encoder.vocabularies[field.name])
            for file, field in _files(encoder.schema).items()
        ]
        for job in jobs:
            job.result()


def read_vocabularies(
    folder: Path,
    schema: Schema,
    wanted: Mapping[str, str],
    error_type: type[FieldwiseError],
) -> dict[str, Vocabulary]:
    """Read what ``write_vocabularies`` wrote.

    Args:
        folder: that holds the folder ``vocabulary``.
        schema: the fitted schema.
        wanted: checksum of every file, by its path in the folder.
        error_type: the error to raise.

    Returns:
        Vocabularies by field, of the sizes and types the schema tells.

    Raises:
        FieldwiseError: of ``error_type``, naming the file and what is wrong with it.
    """
    vocabularies = {}
    for file, field in _files(schema).items():
        with naming(file, error_type):
            limit = max_table_bytes(field.num_features or 0)
            content = read_checked(folder, file, wanted, max_bytes=limit)
            vocabularies[field.name] = _parse(content, field)
    # A ranker lives on: what reading needed goes back to the system.
    pa.default_memory_pool().release_unused()
    return vocabularies


def _parse(content: bytes, field: CategoricalField | SequenceField) -> Vocabulary:
    value_type = field.value_type or "string"
    # Arrow, not Polars, reads the file: a damaged one can make Polars panic, which is
    # no Exception, or abort the process.
    columns = _columns(value_type)
    num_rows = field.num_features or 0
    table = read_bounded_table(content, num_rows, names=columns.names)
    if len(table) != num_rows:
        message = (
            f"the vocabulary of {field.name!r} must have {num_rows} rows as the schema "
            f"says, got {len(table)}"
        )
        raise DataError(message)
    # Some casts look at values: text that is no number is no name of one.
    return Vocabulary.from_frame(pl.DataFrame(table.cast(columns)), value_type)


def _columns(value_type: ValueType) -> pa.Schema:
    types = {
        "value": _ARROW_TYPES[value_type],
        "count": pa.int64(),
        "index": pa.int32(),
    }
    return pa.schema(list(types.items()))


def _files(schema: Schema) -> dict[str, CategoricalField | SequenceField]:
    named = [f for f in schema if isinstance(f, CategoricalField | SequenceField)]
    return {
        f"vocabulary/{position}.parquet": field for position, field in enumerate(named)
    }
