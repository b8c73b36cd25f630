"""Rows come in order, each once, or not at all."""

import narwhals as nw
import polars as pl
import pytest

from fieldwise.data.engines.engine import ROW
from fieldwise.data.engines.rows import read_in_order
from fieldwise.errors import DataError

TYPES = pl.Schema({"x": pl.Int8()})


def read(rows, **settings):
    table = pl.LazyFrame({ROW: rows, "x": rows}, schema={ROW: pl.Int64, "x": pl.Int64})
    return list(read_in_order(nw.from_native(table), TYPES, **settings))


@pytest.mark.parametrize(
    ("block_rows", "sizes"), [(1, [1] * 5), (2, [2, 2, 1]), (5, [5]), (9, [5])]
)
def test_blocks(block_rows, sizes):
    blocks = read([3, 1, 4, 0, 2], num_rows=5, block_rows=block_rows)

    assert [len(block) for block in blocks] == sizes
    assert pl.concat(blocks)["x"].to_list() == [0, 1, 2, 3, 4]
    assert pl.concat(blocks).schema == {ROW: pl.Int64, "x": pl.Int8}


def test_no_rows():
    assert read([], num_rows=0, block_rows=2) == []


@pytest.mark.parametrize("rows", [[0, 1, 3], [0, 1, 2, 2, 3], [0, 0, 1, 3]])
def test_rows_that_are_lost_or_doubled(rows):
    with pytest.raises(DataError, match=r"must return rows (0|2) to (1|3) once each"):
        read(rows, num_rows=4, block_rows=2)
