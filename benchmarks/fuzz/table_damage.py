"""Damage to Parquet tables: columns, types, values, footers, and bombs."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.fuzz.bombs import BOMB_ROWS
from benchmarks.fuzz.folder import MANIFEST, Damage, Folder

__all__ = ["TABLE_DAMAGE"]

Edit = Callable[[pa.Table], pa.Table]


def _set(name: str, make: Callable[[int], Any]) -> Edit:
    def edit(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(name)
        column = pa.array(make(len(table)))
        if place < 0:
            return table.append_column(name, column)
        return table.set_column(place, name, column)

    return edit


EDITS: tuple[Edit, ...] = (
    lambda table: table.append_column("extra", table["index"]),
    lambda table: table.append_column("value", table["value"]),
    lambda table: table.drop_columns("count"),
    lambda table: table.select(["index", "count", "value"]),
    lambda table: table.rename_columns(["../value", "count", "index"]),
    lambda table: table.slice(0, 0),
    lambda table: table.slice(1),
    lambda table: table.take(list(range(len(table)))[::-1]),
    lambda table: pa.concat_tables([table, table]),
    lambda table: table.replace_schema_metadata({"ARROW:schema": "junk"}),
    lambda table: table.replace_schema_metadata({"pandas": "{" * 10_000}),
    _set("value", lambda rows: [None] * rows),
    _set("value", lambda rows: ["same"] * rows),
    _set("value", lambda rows: [b"\xff\xfe"] * rows),
    _set("value", lambda rows: [["nested"]] * rows),
    _set("value", lambda rows: [{"a": 1}] * rows),
    _set("value", lambda rows: [float("nan")] * rows),
    _set("value", lambda rows: [None, *(float(x) for x in range(rows - 1))]),
    _set("value", lambda rows: [None, *(f"{x}" * 10**5 for x in range(rows - 1))]),
    _set("count", lambda rows: [-1] * rows),
    _set("count", lambda rows: [2**63 - 1] * rows),
    _set("count", lambda rows: [0.5] * rows),
    _set("count", lambda rows: [None] * rows),
    _set("index", lambda rows: [0] * rows),
    _set("index", lambda rows: [2**31 + x for x in range(rows)]),
    _set("index", lambda rows: [str(x) for x in range(rows)]),
    _set("index", lambda rows: [None] * rows),
    lambda table: table,
)

DIALECTS: tuple[Mapping[str, Any], ...] = (
    *({"compression": name} for name in ("none", "snappy", "gzip", "lz4", "brotli")),
    {"version": "1.0"},
    {"data_page_version": "2.0"},
    {"data_page_size": 1},
    {"row_group_size": 1},
    {"use_dictionary": False, "column_encoding": "PLAIN"},
    {"write_page_checksum": True},
    {"use_byte_stream_split": False, "store_schema": True},
    {"use_content_defined_chunking": True},
)


def columns(folder: Folder) -> None:
    path = folder.rng.choice(folder.tables())
    table = folder.rng.choice(EDITS)(pq.read_table(path))
    pq.write_table(table, path)


def dialect(folder: Folder) -> None:
    path = folder.rng.choice(folder.tables())
    pq.write_table(pq.read_table(path), path, **folder.rng.choice(DIALECTS))


def bomb(folder: Folder) -> None:
    path = folder.rng.choice(folder.tables())
    name = folder.rng.choice(list(BOMB_ROWS))
    shutil.copy(folder.bombs / f"{name}.parquet", path)
    if folder.is_ranker and folder.rng.random() < 0.5:
        _claim(folder, path, BOMB_ROWS[name])


def footer(folder: Folder) -> None:
    """The last bytes: their length, and the structure of everything else."""
    path = folder.rng.choice(folder.tables())
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[-8:-4], "little")
    if folder.rng.random() < 0.2:
        lies = (0, 1, length - 1, length + 1, len(content), 2**31 - 1, 2**32 - 1)
        content[-8:-4] = folder.rng.choice(lies).to_bytes(4, "little")
    else:
        start = max(0, len(content) - 8 - length)
        for _ in range(folder.rng.choice((1, 1, 2, 5))):
            place = start + folder.rng.randrange(max(1, len(content) - 8 - start))
            content[place] = folder.rng.randrange(256)
    path.write_bytes(content)


def page_headers(folder: Folder) -> None:
    """The first bytes of each column: sizes and numbers of values."""
    path = folder.rng.choice(folder.tables())
    group = pq.read_metadata(path).row_group(0)
    content = bytearray(path.read_bytes())
    column = group.column(folder.rng.randrange(group.num_columns))
    start = column.dictionary_page_offset or column.data_page_offset
    for _ in range(folder.rng.choice((1, 1, 2, 5))):
        content[start + folder.rng.randrange(30)] = folder.rng.choice(
            (0xFF, 0x7F, 0x80, 0x00, folder.rng.randrange(256))
        )
    path.write_bytes(content)


def _claim(folder: Folder, path: Path, num_rows: int) -> None:
    """Let the schema say what the table says."""
    manifest = folder.json(MANIFEST)
    named = [
        field
        for field in manifest["schema"]["fields"]
        if field["kind"] in {"categorical", "sequence"}
    ]
    named[int(path.stem)]["num_features"] = num_rows
    folder.write_json(manifest, MANIFEST)


TABLE_DAMAGE: dict[str, Damage] = {
    "columns of a table": columns,
    "dialect of a table": dialect,
    "bomb": bomb,
    "footer of a table": footer,
    "pages of a table": page_headers,
}
