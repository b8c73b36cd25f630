"""Blocks of time against sorting all times."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _time_blocks
from fieldwise.data._time_blocks import TimeBlocks

ROWS = 600


def times_of(seed):
    random = np.random.default_rng(seed)
    spread = [3, 30, 10**6][seed % 3]
    return (random.exponential(1.0, ROWS) ** 2 * spread).astype(int).tolist()


def blocks_of(times, chunk_rows):
    column = pl.Series(times, dtype=pl.Int64)
    starts = range(0, len(column), chunk_rows)
    return TimeBlocks(lambda: (column.slice(start, chunk_rows) for start in starts))


@pytest.mark.parametrize("max_cuts", [1, 8, 1000])
@pytest.mark.parametrize("chunk_rows", [1, 50, ROWS])
@pytest.mark.parametrize("seed", range(6))
def test_every_block_near_a_target_is_one_time(monkeypatch, seed, chunk_rows, max_cuts):
    monkeypatch.setattr(_time_blocks, "MAX_CUTS", max_cuts)
    times = times_of(seed)
    blocks = blocks_of(times, chunk_rows)
    assert blocks.num_rows == ROWS
    targets = [0.05 * ROWS, 0.3 * ROWS]

    sizes = blocks.refine(targets)

    found = blocks.find(pl.Series(times))
    assert np.bincount(found, minlength=len(sizes)).tolist() == sizes.tolist()
    order = np.argsort(times, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    ends = np.cumsum(sizes[::-1])
    exact = np.cumsum(np.unique(times, return_counts=True)[1][::-1])
    # The ends of blocks on both sides of a target are those of single times.
    for target in targets:
        below = [[e for e in some if e <= target][-2:] for some in (ends, exact)]
        above = [[e for e in some if e > target][:2] for some in (ends, exact)]
        assert below[0][-1:] == below[1][-1:]
        assert above[0][0] == above[1][0]
    assert ends[:2].tolist() == exact[:2].tolist()


def test_few_times_are_held(monkeypatch):
    monkeypatch.setattr(_time_blocks, "MAX_CUTS", 10)
    blocks = blocks_of(range(ROWS), 7)
    # 9 cuts or so, and at most the times of 6 ranges of about 60 rows.
    assert len(blocks.refine([60.0])) < 10 + 6 * 130


def test_nulls_are_no_time():
    blocks = blocks_of([None, 3, None, 1], 1)
    assert blocks.num_rows == 4
    assert blocks.refine([1.0]).tolist() == [1, 1]


@pytest.mark.parametrize("times", [[], [None, None]])
def test_no_times(times):
    assert blocks_of(times, 1).refine([0.5]).size == 0
