from collections import Counter

import numpy as np
import polars as pl
import pytest

from fieldwise.selection.outrank.tally import Tally


def count(values, *, max_values, num_parts=7):
    tally = Tally(max_values)
    for part in np.array_split(values, num_parts):
        hashes = pl.Series("value", part).hash().to_frame().lazy()
        tally.add(tally.plan(hashes).collect())
    return tally


def test_every_value_is_counted_below_the_bound():
    values = np.random.default_rng(0).integers(0, 300, 5000)

    tally = count(values, max_values=1000)

    counter = Counter(values.tolist())
    assert tally.is_exact
    assert tally.num_values == len(counter)
    assert sorted(tally.counts().tolist()) == sorted(counter.values())


def test_null_is_no_value():
    tally = Tally()
    hashes = pl.Series("value", [1, 1, None], dtype=pl.UInt64).to_frame().lazy()
    tally.add(tally.plan(hashes).collect())

    assert (tally.num_values, tally.counts().tolist()) == (1, [2])


def test_a_million_values_are_estimated_within_one_percent():
    values = np.arange(1_000_000)

    tally = count(values, max_values=2**18, num_parts=2)

    assert not tally.is_exact
    assert tally.num_values == pytest.approx(1_000_000, rel=0.01)
    assert len(tally.counts()) <= 2**18


def test_sampled_values_have_their_full_counts():
    # The first half of the values come once, the others three times.
    values = np.concatenate([np.arange(20_000), np.arange(10_000), np.arange(10_000)])

    counts = count(values, max_values=4096).counts()

    assert set(counts.tolist()) == {1, 3}
    assert np.mean(counts == 1) == pytest.approx(0.5, abs=0.05)


def test_the_order_of_rows_changes_nothing():
    values = np.random.default_rng(1).integers(0, 50_000, 100_000)
    tallies = [count(v, max_values=4096) for v in (values, values[::-1])]

    assert tallies[0].num_values == tallies[1].num_values
