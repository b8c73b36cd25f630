"""Counts that went to disk and came back."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _spilled_counts
from fieldwise.data._spilled_counts import SpilledCounts


def counts(values, dtype=None):
    column = pl.Series("value", values, dtype=dtype)
    return pl.DataFrame({"value": column, "count": range(1, len(values) + 1)})


@pytest.mark.parametrize("range_rows", [1, 30, 10**6])
def test_all_counts_of_one_value_come_in_one_part(monkeypatch, range_rows):
    monkeypatch.setattr(_spilled_counts, "RANGE_ROWS", range_rows)
    random = np.random.default_rng(0)
    added, parts_of = Counter(), {}
    with SpilledCounts() as spilled:
        for _ in range(5):
            run = counts(random.permutation(200)[:100].astype(str).tolist())
            added.update(dict(run.rows()))
            spilled.add(run)
        parts = list(spilled.ranges())

    found = Counter()
    for number, part in enumerate(parts):
        for value, count in part.rows():
            found[value] += count
            parts_of.setdefault(value, set()).add(number)
    assert found == added
    assert all(len(numbers) == 1 for numbers in parts_of.values())
    # 500 counts: all in one part, or in so many that none holds many more than asked.
    assert len(parts) == 1 if range_rows > 500 else max(map(len, parts)) <= 30


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, None, 3], pl.Int8),
        ([10**25, -(10**25)], pl.Int128),
        ([1.5, None], pl.Float32),
        ([Decimal("1.50")], pl.Decimal(9, 2)),
        ([True, False, None], pl.Boolean),
        ([3, 4], pl.Datetime("us", "UTC")),
        ([3, 4], pl.Date),
        ([3, 4], pl.Time),
        ([None], pl.Null),
    ],
)
def test_every_type_comes_back(values, dtype):
    added = counts(values, dtype)
    with SpilledCounts() as spilled:
        spilled.add(added)
        found = pl.concat(spilled.ranges())
    assert found.sort("count").equals(added)
    assert found.schema == added.schema


def test_nan_and_null_are_one_value(monkeypatch):
    monkeypatch.setattr(_spilled_counts, "RANGE_ROWS", 1)
    with SpilledCounts() as spilled:
        spilled.add(counts([float("nan"), 1.0]))
        spilled.add(counts([None, 2.0], pl.Float64))
        parts = [part["count"].to_list() for part in spilled.ranges()]
    assert [1, 1] in parts


def test_nothing():
    with SpilledCounts() as spilled:
        spilled.add(counts([], pl.String))
        assert list(spilled.ranges()) == []


def test_files_are_deleted():
    with SpilledCounts() as spilled:
        spilled.add(counts(["a"]))
        folder = Path(spilled._folder.name)
        assert len(list(folder.iterdir())) == 1
    assert not folder.exists()
