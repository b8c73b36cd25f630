"""Blocks of rows: neither their size nor the threads show."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _row_blocks
from fieldwise.data._row_blocks import RowBlocks, UnknownCounter, plain_groups
from fieldwise.data.encoder import Encoder
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
)

ROWS = 100


def table():
    random = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "site": random.integers(0, 30, ROWS).astype(str),
            "age": random.normal(size=ROWS),
            "seen": [list(range(n)) for n in random.integers(0, 4, ROWS)],
            "user": random.integers(0, 9, ROWS),
            "click": random.integers(0, 2, ROWS),
        }
    )


SCHEMA = Schema(
    (CategoricalField("site"), NumericField("age"), SequenceField("seen")),
    (Label("click"),),
    group="user",
)
ENCODER = Encoder.fit(table().lazy(), SCHEMA)


def encoded(chunks, max_workers):
    unknown = UnknownCounter()
    blocks = RowBlocks(
        ENCODER,
        labelled=True,
        groups=pl.Series(range(9)),
        unknown=unknown,
        max_workers=max_workers,
    )
    parts = list(blocks.encode(chunks))
    matrix = np.concatenate([part.matrix for part in parts])
    items = np.concatenate([part.sequences[0][0] for part in parts])
    lengths = np.concatenate([part.sequences[0][1] for part in parts])
    return len(parts), (matrix.tolist(), items.tolist(), lengths.tolist()), unknown


@pytest.mark.parametrize("block_rows", [1, 7, 1000])
@pytest.mark.parametrize("max_workers", [1, 3])
def test_blocks_and_threads_do_not_show(monkeypatch, block_rows, max_workers):
    whole = encoded([table()], max_workers=1)
    monkeypatch.setattr(_row_blocks, "BLOCK_ROWS", block_rows)
    chunks = [table().head(30), table().slice(30)]
    num_blocks, rows, unknown = encoded(chunks, max_workers)
    assert rows == whole[1]
    assert unknown == whole[2]
    assert num_blocks == -(-30 // block_rows) - (-70 // block_rows)


def test_a_table_without_rows_is_one_block():
    num_blocks, rows, unknown = encoded([table().head(0)], max_workers=1)
    assert (num_blocks, rows) == (1, ([], [], []))
    assert unknown.shares() == {"site": 0.0, "seen": 0.0}


def test_merged_counts_are_sums():
    one, two = UnknownCounter(), UnknownCounter()
    one.add("x", np.array([0, 1, 0], dtype=np.int32))
    two.add("x", np.array([0, 1], dtype=np.int32))
    two.add("y", np.array([2], dtype=np.int32))
    one.merge(two)
    # Field x: 3 of 5 are index 0.
    assert one.shares() == {"x": 3 / 5, "y": 0.0}


def test_groups_that_are_categories_become_text():
    groups = pl.Series(["b", None], dtype=pl.Categorical)
    assert plain_groups(groups).to_list() == ["b", None]
    assert plain_groups(groups).dtype == pl.String
    numbers = pl.Series([2, 1])
    assert plain_groups(numbers) is numbers
