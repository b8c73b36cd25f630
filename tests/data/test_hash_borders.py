"""Exact shares of rows, against sorting all hashes."""

import numpy as np
import pytest

from fieldwise.data import _hash_borders
from fieldwise.data._hash_borders import hash_borders, row_hashes
from fieldwise.data._splitmix import splitmix64


@pytest.mark.parametrize("block_rows", [1, 7, 10**6])
@pytest.mark.parametrize("num_rows", [1, 2, 500])
def test_borders_are_the_sorted_hashes(monkeypatch, num_rows, block_rows):
    monkeypatch.setattr(_hash_borders, "BLOCK_ROWS", block_rows)
    hashes = splitmix64(np.arange(num_rows, dtype=np.uint64), 5)
    ranks = sorted({0, num_rows // 3, num_rows - 1})

    assert hash_borders(num_rows, 5, ranks).tolist() == np.sort(hashes)[ranks].tolist()
    blocks = list(row_hashes(num_rows, 5))
    assert np.concatenate([block for _, block in blocks]).tolist() == hashes.tolist()
    assert [rows.start for rows, _ in blocks] == list(range(0, num_rows, block_rows))


def test_the_same_rank_twice_and_in_any_order():
    first, second, third = hash_borders(1000, 0, [700, 20, 700])
    assert first == third > second
