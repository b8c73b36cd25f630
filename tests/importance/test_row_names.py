"""Names of rows, and importances and selections of a million of them."""

import json
import time

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.importance import Importance, RowNames, Selection, kendall_tau, mean_rank

MANY = 1_000_000


def make(scores, names=None, **changes):
    names = RowNames.first(len(scores)) if names is None else names
    told = {"unit": "row", "meaning": "weight", "method": "by hand"}
    return Importance(names=names, scores=np.array(scores), **told | changes)


# Names


def test_names_are_the_numbers_as_text():
    names = RowNames([7, 0, 12])

    assert list(names) == ["7", "0", "12"]
    assert names[0] == "7"
    assert names[-2:] == RowNames([0, 12])
    assert names.at(np.array([True, False, True])) == RowNames([7, 12])
    assert names.index("12") == 2
    assert not names.is_rising
    assert names != ["7", "0", "12"]
    assert hash(names) == hash(RowNames([7, 0, 12]))


@pytest.mark.parametrize("name", ["7", "1", "07", "-7", "x", 7])
def test_what_is_among_them(name):
    assert (name in RowNames([7, 0])) == (name == "7")


@pytest.mark.parametrize("numbers", [[], [0], [0, 1, 2]])
def test_all_rows_from_the_first(numbers):
    assert RowNames(numbers).is_all
    assert not RowNames([*numbers, 9]).is_all


def test_numbers_are_their_own():
    numbers = np.array([1, 2])
    names = RowNames(numbers)

    numbers[0] = 5

    assert names.numbers.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        names.numbers[0] = 3


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([1, 1], "numbers must differ, got some more than once"),
        ([2, 1, 2], "numbers must differ"),
        ([-1, 0], "numbers must be zero or positive, got -1"),
        ([3, -4], "numbers must be zero or positive, got -4"),
        ([0.5], r"whole numbers of rows, got float64 of shape \(1,\)"),
        ([[1]], r"whole numbers of rows, got int64 of shape \(1, 1\)"),
        (["a"], "whole numbers of rows"),
    ],
    ids=str,
)
def test_what_is_refused(numbers, message):
    with pytest.raises(DataError, match=message):
        RowNames(numbers)


# Importance and selection


def test_equal_scores_are_in_the_order_of_numbers():
    found = make([0.5, 1.0, 0.5], RowNames([10, 3, 9]))

    assert list(found.ranked) == ["3", "9", "10"]
    assert found.top(2).rows.tolist() == [3, 9]
    assert found.above(0.5).rows.tolist() == [3]
    assert found.budget({"10": 1, "3": 2, "9": 1}, 3).rows.tolist() == [3, 9]


def test_rows_and_strings_agree():
    scores = np.random.default_rng(0).integers(0, 5, 9).astype(float)
    words = make(scores, tuple("012345678"))
    numbers = make(scores)

    assert list(numbers.ranked) == list(words.ranked)
    for k in range(10):
        assert list(numbers.top(k).kept) == list(words.top(k).kept)
        assert list(numbers.top(k).dropped) == list(words.top(k).dropped)
    assert repr(numbers) == repr(words)


@pytest.mark.parametrize("names", [RowNames.first(3), RowNames([8, 2, 5])])
def test_round_trips(names, tmp_path):
    found = make([1.0, 3.0, 2.0], names, seed=1, details={"noise": np.arange(3.0)})
    chosen = found.top(2)

    found.save(tmp_path / "found")
    chosen.save(tmp_path / "chosen.json")

    assert Importance.load(tmp_path / "found") == found
    assert Importance.load(tmp_path / "found").names == names
    assert Importance.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    assert Selection.load(tmp_path / "chosen.json") == chosen
    assert "RowNames" not in repr(chosen)


def test_agreement_and_mean_rank():
    one, other = make([1.0, 2.0, 3.0]), make([3.0, 2.0, 1.0])

    assert kendall_tau(one, other) == -1
    assert mean_rank([one, other]).scores.tolist() == [0.5, 0.5, 0.5]


def test_only_rows_by_number_are_rows():
    for chosen in (Selection("field", ("a",), ("a",)), Selection("row", (), ("a",))):
        with pytest.raises(DataError, match="must be of rows, named by their numbers"):
            _ = chosen.rows
    with pytest.raises(DataError, match="kept must be some of names"):
        Selection("row", RowNames([5]), RowNames.first(3))
    with pytest.raises(DataError, match="in their order"):
        Selection("row", RowNames([1, 0]), RowNames.first(3))


def test_a_million_rows_are_cheap(tmp_path):
    started = time.process_time()

    found = make(np.random.default_rng(0).random(MANY))
    chosen = found.top(MANY // 10)
    found.save(tmp_path / "found")
    again = Importance.load(tmp_path / "found")
    chosen.save(tmp_path / "chosen.json")

    # As a million strings this took eleven seconds.
    assert time.process_time() - started < 5
    assert len(chosen.rows) == MANY // 10
    assert np.array_equal(again.scores, found.scores)
    assert Selection.load(tmp_path / "chosen.json") == chosen
