"""Copies of rows, against a set of tuples."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _row_hashes
from fieldwise.data._row_hashes import RowHashes


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_same_as_a_set(monkeypatch, rows):
    monkeypatch.setattr(_row_hashes, "BLOCK_ROWS", rows)
    monkeypatch.setattr(_row_hashes, "CHUNK_ROWS", rows + 2)
    random = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "a": random.integers(0, 5, 200).astype(str),
            "b": random.integers(0, 9, 200),
            "c": [None if x < 0.5 else x > 0.9 for x in random.random(200)],
        }
    )
    in_train = random.random(200) < 0.3
    among = ~in_train & (random.random(200) < 0.7)

    with RowHashes(frame.lazy(), ["a", "b", "c"]) as hashes:
        found = hashes.stand_in(in_train, among=among)
        assert hashes.num_rows == 200

    train = set(frame.filter(pl.Series(in_train)).rows())
    expected = [row in train for row in frame.filter(pl.Series(among)).rows()]
    assert found.tolist() == expected
    assert 0 < sum(expected) < len(expected)


def test_nothing_to_look_for():
    some = np.array([True, True])
    with RowHashes(pl.LazyFrame({"a": [1, 2]}), ["a"]) as hashes:
        assert hashes.stand_in(some, among=~some).size == 0
        assert hashes.stand_in(~some, among=some).tolist() == [False, False]


def test_only_the_given_columns_count():
    frame = pl.LazyFrame({"a": [1, 1], "b": [1, 2]})
    first = np.array([True, False])
    for columns, expected in ((["a"], [True]), (["a", "b"], [False])):
        with RowHashes(frame, columns) as hashes:
            assert hashes.stand_in(first, among=~first).tolist() == expected
