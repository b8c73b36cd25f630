"""The generated log: the same for a seed, and of the size asked for."""

import polars as pl
import pytest

from benchmarks.memory import table
from benchmarks.memory.table import LABEL, write_table


@pytest.fixture(autouse=True)
def small_groups(monkeypatch):
    monkeypatch.setattr(table, "GROUP_ROWS", 500)


def test_size_seed_and_columns(tmp_path):
    rows, size = write_table(tmp_path / "a.parquet", 300_000, seed=1)
    found = pl.read_parquet(tmp_path / "a.parquet")

    # The last group goes beyond what was asked for.
    assert 300_000 <= size < 300_000 + 500 * 300
    assert rows == len(found)
    assert 150 < size / rows < 250
    assert found["time"].is_sorted()
    assert found["user"].n_unique() > 0.7 * rows
    assert found[LABEL].n_unique() == 2
    assert found["seen"].null_count() > 0

    write_table(tmp_path / "b.parquet", 300_000, seed=1)
    assert pl.read_parquet(tmp_path / "b.parquet").equals(found)
    write_table(tmp_path / "c.parquet", 300_000, seed=2)
    assert not pl.read_parquet(tmp_path / "c.parquet").equals(found)
