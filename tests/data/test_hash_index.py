"""Values found by hash, against a dictionary."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _hash_index
from fieldwise.data._hash_index import ABSENT, HashIndex


def expected(known, wanted):
    numbers = {value: n for n, value in enumerate(known, start=1) if value is not None}
    return [numbers.get(value, ABSENT) for value in wanted]


@pytest.mark.parametrize("num_values", [0, 1, 2, 3, 8, 1000])
@pytest.mark.parametrize("dtype", [pl.String, pl.Int64, pl.UInt64, pl.Float64])
def test_same_as_a_dictionary(num_values, dtype):
    random = np.random.default_rng(num_values)
    known = pl.Series(random.permutation(num_values)).cast(dtype)
    wanted = pl.Series(random.integers(0, 2 * num_values + 2, 500)).cast(dtype)
    wanted = pl.concat([wanted, pl.Series([None], dtype=dtype)])

    found = HashIndex(known).find(wanted)

    assert found.tolist() == expected(known.to_list(), wanted.to_list())
    assert found.dtype == np.int32


def test_null_is_never_found():
    index = HashIndex(pl.Series(["b", None, "a"]))
    assert index.find(pl.Series([None, "a", "b"])).tolist() == [ABSENT, 3, 1]
    assert len(index) == 3


def test_nan_and_zeros_are_values():
    index = HashIndex(pl.Series([float("nan"), 0.0]))
    assert index.find(pl.Series([-0.0, float("nan")])).tolist() == [2, 1]


def test_truth_values():
    assert HashIndex(pl.Series([True])).find(pl.Series([False, True])).tolist() == [
        0,
        1,
    ]


def test_no_rows():
    assert HashIndex(pl.Series(["a"])).find(pl.Series([], dtype=pl.String)).size == 0


def test_equal_hashes_of_different_values(monkeypatch):
    # Four bits of hash: 8 known values differ in them, and each absent value shares
    # the bits of one of these.
    def four_bits(values, seed):
        return values.to_numpy().astype(np.uint64) % np.uint64(16) << np.uint64(60)

    monkeypatch.setattr(_hash_index, "_hashes", four_bits)
    known = [9, 3, 0, 14, 7, 2, 11, 5]
    wanted = list(range(64))
    found = HashIndex(pl.Series(known)).find(pl.Series(wanted))
    assert found.tolist() == expected(known, wanted)


def test_equal_hashes_of_known_values_ask_for_another_seed(monkeypatch):
    def weak(values, seed):
        return values.to_numpy().astype(np.uint64) % np.uint64(seed + 1)

    monkeypatch.setattr(_hash_index, "_hashes", weak)
    # 1, 5 and 8 differ modulo 5 and not before: 8 - 5 = 3, 5 - 1 = 4, 8 - 1 = 7.
    index = HashIndex(pl.Series([1, 5, 8]))
    assert index.seed == 4
    assert index.find(pl.Series([8, 1, 5, 3])).tolist() == [3, 1, 2, ABSENT]


@pytest.mark.parametrize("num_prefixes", [1, 2, 8])
def test_many_hashes_with_one_prefix(monkeypatch, num_prefixes):
    # The low bits tell values apart; few of the high bits are in use.
    def crowded(values, seed):
        numbers = values.to_numpy().astype(np.uint64)
        return numbers + (numbers % np.uint64(num_prefixes) << np.uint64(60))

    monkeypatch.setattr(_hash_index, "_hashes", crowded)
    known = np.random.default_rng(0).permutation(100)[:60]
    found = HashIndex(pl.Series(known)).find(pl.Series(range(100)))
    assert found.tolist() == expected(known.tolist(), range(100))
