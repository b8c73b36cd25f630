"""Bins of numbers in their order."""

import numpy as np

from fieldwise.diagnosis.float_counts import (
    MISSING_BIN,
    NUM_BINS,
    bin_floats,
    bin_floors,
    quantile_starts,
)


def test_bins_are_in_order_and_narrow():
    random = np.random.default_rng(0)
    numbers = np.sort(random.normal(0, 5, 5000).astype(np.float32))

    bins = bin_floats(numbers)

    assert (np.diff(bins) >= 0).all()
    floors = bin_floors(bins)
    assert (floors <= numbers).all()
    assert (numbers - floors <= np.abs(numbers) * 0.0079).all()


def test_zeros_infinities_and_nan():
    numbers = np.array([-np.inf, -0.0, 0.0, np.inf, np.nan, -np.nan], dtype=np.float32)

    bins = bin_floats(numbers)

    assert bins[1] == bins[2]
    assert bins[0] < bins[1] < bins[3] < MISSING_BIN
    assert bins[4] == bins[5] == MISSING_BIN == NUM_BINS - 1


def test_buckets_by_hand():
    counts = np.array([0, 2, 0, 2, 4, 0, 2, 2, 0])

    starts = quantile_starts(counts, 3)

    # Middles 1, 3, 6, 9, 11 of 12, times 3 / 12: buckets 0, 0, 1, 2, 2.
    assert starts.tolist() == [0, 4, 6]
    assert quantile_starts(np.zeros(5, dtype=int), 3).tolist() == [0]
    assert quantile_starts(np.array([0, 0, 7]), 3).tolist() == [0]
