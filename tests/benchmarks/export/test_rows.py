"""The real rows have what makes them hard."""

import polars as pl
import pytest

from benchmarks.export.__main__ import DATA
from benchmarks.export.rows import criteo, frappe


@pytest.fixture
def tables():
    if not (DATA / "criteo_137k.parquet").exists():
        pytest.skip("the real tables are not at hand")
    return [make(DATA, num_train=500, num_test=500) for make in (frappe, criteo)]


def test_gaps_emoji_and_wide_identifiers(tables):
    for table in tables:
        names = [name for name in table.test.columns if name != "label"]
        assert len(table.train) == len(table.test) == 500
        assert all(table.train[name].null_count() > 0 for name in names)
        texts = table.test.select(pl.col(pl.String))
        assert any(
            texts[name].str.contains("\U0001f600").any() for name in texts.columns
        )
        wide = table.test.select(pl.col(pl.Int64, pl.UInt64)).drop_nulls()
        assert (wide.max_horizontal().abs() > 2**40).any()


def test_labels_stay(tables):
    assert all(table.test["label"].null_count() == 0 for table in tables)
