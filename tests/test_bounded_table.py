"""Parquet that may come from a stranger: the same rows as Arrow reads, or none."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.fuzz.bombs import BOMB_ROWS, write_bombs
from fieldwise._bounded_table import max_table_bytes, read_bounded_table
from fieldwise.errors import DataError

NUM_ROWS = 40_000
LENGTHS_APART = {"value": "DELTA_LENGTH_BYTE_ARRAY", "count": "DELTA_BINARY_PACKED"}


@pytest.fixture(scope="module")
def table():
    rows = np.arange(NUM_ROWS)
    return pa.table(
        {
            "value": [None, *(f"name {row * 7919 % NUM_ROWS}" for row in rows[1:])],
            "few": [f"name {row % 10}" for row in rows],
            "count": rows[::-1],
            "share": rows / 7,
            "is_new": rows % 3 == 0,
            "pair": [["a", f"b{row % 5}"] for row in rows],
        }
    )


def written(table, **settings):
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **settings)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"compression": "zstd", "row_group_size": 777},
        {"compression": "none", "use_dictionary": False},
        {"data_page_version": "2.0", "data_page_size": 100},
        {"version": "1.0", "write_page_checksum": True, "store_schema": False},
        {
            "use_dictionary": False,
            "column_encoding": {"value": "DELTA_LENGTH_BYTE_ARRAY"},
        },
    ],
    ids=str,
)
def test_what_arrow_reads(table, settings):
    content = written(table, **settings)

    found = read_bounded_table(content, NUM_ROWS)

    assert found.equals(pq.read_table(pa.BufferReader(content)))
    assert found.select(table.column_names[:5]).equals(table.drop_columns("pair"))


def test_no_rows(table):
    found = read_bounded_table(written(table.slice(0, 0)), 0)

    assert len(found) == 0
    assert found.column_names == table.column_names


def test_rows_and_columns_that_are_not_wanted(table):
    content = written(table)

    with pytest.raises(DataError, match="at most 39999 rows, got 40000"):
        read_bounded_table(content, NUM_ROWS - 1)
    with pytest.raises(DataError, match=r"must have the columns \['value'\]"):
        read_bounded_table(content, NUM_ROWS, names=["value"])


@pytest.fixture(scope="module")
def bombs(tmp_path_factory):
    home = tmp_path_factory.mktemp("bombs")
    write_bombs(home, num_groups=1)
    return home


@pytest.mark.parametrize("name", BOMB_ROWS)
def test_a_bomb_does_not_go_off(bombs, name):
    content = (bombs / f"{name}.parquet").read_bytes()
    assert len(content) < 5_000_000
    before = pa.total_allocated_bytes()

    with pytest.raises(DataError):
        read_bounded_table(content, 2000, names=["value", "count", "index"])

    assert pa.total_allocated_bytes() == before


def test_a_text_that_many_rows_refer_to_is_counted_as_often():
    long = "x" * 2**20
    content = written(pa.table({"value": [long] * 600}))
    assert len(content) < 2**20 < max_table_bytes(600) < 600 * 2**20

    with pytest.raises(DataError, match="must inflate to at most"):
        read_bounded_table(content, 600)


def test_text_that_repeats_the_one_before_is_refused(table):
    content = written(
        table.select(["value"]),
        use_dictionary=False,
        column_encoding={"value": "DELTA_BYTE_ARRAY"},
    )

    with pytest.raises(DataError, match="must be written in plain"):
        read_bounded_table(content, NUM_ROWS)


def test_values_of_any_width_are_refused():
    wide = pa.table({"value": pa.array([b"ab"], pa.binary(2))})

    with pytest.raises(DataError, match="must be of numbers or text"):
        read_bounded_table(written(wide), 1)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(8) + b"PAR1"])
def test_what_is_no_parquet(content):
    with pytest.raises(DataError, match="Parquet"):
        read_bounded_table(content, 10)


def test_any_changed_byte_of_the_layout_is_refused_or_harmless(table):
    small = table.slice(0, 50).select(["value", "few", "count"])
    content = bytearray(written(small, use_dictionary=["few"]))
    rng = np.random.default_rng(0)
    footer = int.from_bytes(content[-8:-4], "little") + 8
    num_refused = 0
    for _ in range(300):
        changed = content.copy()
        changed[-int(rng.integers(1, footer))] = int(rng.integers(256))
        try:
            assert len(read_bounded_table(bytes(changed), 50)) <= 50
        except Exception as error:
            # Arrow's own errors are fine: who reads a folder names the file.
            assert not isinstance(error, MemoryError)  # noqa: PT017
            num_refused += 1
    assert num_refused > 100
