"""How rows are divided: by hand, in exact shares, and the same on any machine."""

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from fieldwise.data._ranks import dense_ranks
from fieldwise.data._splitmix import splitmix64
from fieldwise.data.splits import (
    ColumnSplit,
    GroupSplit,
    RandomSplit,
    TimeSplit,
    split_checksum,
    split_counts,
)
from fieldwise.errors import DataError


def frame_of(**columns):
    return pl.LazyFrame(columns)


def splitmix64_by_hand(number, seed):
    """The published algorithm on Python integers."""

    def mix(state):
        mask = 2**64 - 1
        z = (state + 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    return mix((number + mix(seed % 2**64)) % 2**64)


@pytest.fixture
def log():
    generator = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "day": generator.integers(0, 30, 500),
            "user": generator.choice(["a", "b", "c", "d", "e", "f", None], 500),
        }
    )


@pytest.mark.parametrize("seed", [0, 1, -1, 2**70])
def test_hash_equals_the_published_algorithm(seed):
    numbers = np.arange(50, dtype=np.uint64)

    hashes = splitmix64(numbers, seed)

    assert hashes.tolist() == [splitmix64_by_hand(i, seed) for i in range(50)]


def test_published_values_of_splitmix64():
    # First outputs of the reference generator started at 0; its n-th output is the
    # mix of n increments, and here the increment is inside the mix.
    from fieldwise.data._splitmix import _mix

    increment = np.uint64(0x9E3779B97F4A7C15)
    states = np.arange(3, dtype=np.uint64) * increment

    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert _mix(states).tolist() == expected


@pytest.mark.parametrize("num_rows", [3, 7, 100, 1001])
@pytest.mark.parametrize(("valid", "test"), [(0.1, 0.0), (0.2, 0.15), (0.0, 0.3)])
def test_random_shares_are_exact(num_rows, valid, test):
    parts = RandomSplit(valid, test).assign(frame_of(x=range(num_rows)))

    counts = split_counts(parts)
    assert abs(counts["valid"] - num_rows * valid) <= 1
    assert abs(counts["test"] - num_rows * test) <= 1
    assert sum(counts.values()) == num_rows
    assert (counts["valid"] > 0) == (valid > 0)


def test_random_rows_are_those_of_the_smallest_hashes():
    order = sorted(range(20), key=lambda row: splitmix64_by_hand(row, 3))

    parts = RandomSplit(valid=0.2, test=0.1, seed=3).assign(frame_of(x=range(20)))

    # 20 * 0.1 = 2 rows test, the next 20 * 0.2 = 4 rows validate
    assert sorted(np.flatnonzero(parts == 2)) == sorted(order[:2])
    assert sorted(np.flatnonzero(parts == 1)) == sorted(order[2:6])


def test_random_seeds_differ_and_repeat():
    frame = frame_of(x=range(1000))
    first, second = (RandomSplit(seed=seed).assign(frame) for seed in (0, 1))

    # Two independent tenths share a tenth of their rows, give or take.
    assert 0 < np.sum((first == 1) & (second == 1)) < 30
    assert np.array_equal(first, RandomSplit(seed=0).assign(frame))
    assert first.dtype == np.uint8


def test_latest_rows_test_and_the_ones_before_validate():
    frame = frame_of(t=[3, 1, 2, 5, 4, 5, 1, 2, 3, 4])

    # 5 and 5 are the last fifth; 4 and 4 the one before.
    parts = TimeSplit("t", valid=0.2, test=0.2).assign(frame)

    assert parts.tolist() == [0, 0, 0, 2, 1, 2, 0, 0, 0, 1]


def test_equal_times_stay_together():
    # Asked for 3 of 10: ends of blocks are at 1, 5 and 10 rows; 5 and 1 are equally
    # near to 3, and the smaller one is taken.
    frame = frame_of(t=[1] * 5 + [2] * 4 + [3])

    parts = TimeSplit("t", valid=0.3).assign(frame)

    assert parts.tolist() == [0] * 9 + [1]


def test_each_part_gets_at_least_one_time():
    frame = frame_of(t=[1, 2] + [3] * 98)

    parts = TimeSplit("t", valid=0.1, test=0.1).assign(frame)

    assert parts.tolist() == [0, 1] + [2] * 98


@pytest.mark.parametrize(
    "times",
    [
        [1, 2, 3, None],
        [-1.5, 2.0, 1e9, float("nan")],
        [2**63, 2**63 + 1, 2**63 + 2, None],
        ["2024-01-31", "2024-02-01", "2024-10-01", None],
        ["14102100", "14102101", "14102200", None],
        [date(1969, 1, 1), date(2024, 2, 1), date(2024, 10, 1), None],
        [datetime(2024, 1, 1), datetime(2024, 1, 1, 1), datetime(2024, 1, 2), None],
    ],
)
def test_every_kind_of_time(times):
    parts = TimeSplit("t", valid=0.25, test=0.25).assign(frame_of(t=times))

    assert parts.tolist() == [0, 1, 2, 0]


def test_categories_are_ordered_as_text():
    times = pl.Series(["2024-02", "2024-03", "2024-01"], dtype=pl.Categorical)

    assert TimeSplit("t", valid=0.3).assign(frame_of(t=times)).tolist() == [0, 1, 0]


@pytest.mark.parametrize("times", [["9", "10"], ["31.01.2024"], ["1/2/2024", "x"]])
def test_text_that_does_not_sort_by_time(times):
    with pytest.raises(DataError, match="column must sort by time, got 't' with text"):
        TimeSplit("t").assign(frame_of(t=times))


@pytest.mark.parametrize("times", [[1, 1, 1], [None, None], []])
def test_too_few_times(times):
    with pytest.raises(DataError, match=r"must leave rows for .*Lower valid or test"):
        TimeSplit("t", valid=0.3).assign(frame_of(t=times))


def test_groups_stay_whole_and_null_is_a_group(log):
    parts = GroupSplit("user", valid=0.3, test=0.2).assign(log.lazy())

    per_group = log.with_columns(part=pl.Series(parts)).group_by("user")
    assert per_group.agg(pl.col("part").n_unique())["part"].to_list() == [1] * 7
    assert all(split_counts(parts).values())


def test_groups_do_not_depend_on_the_order_of_rows(log):
    split = GroupSplit("user", valid=0.3)
    shuffled = log.sample(fraction=1, shuffle=True, seed=1)

    def part_of(frame):
        return dict(zip(frame["user"], split.assign(frame.lazy()), strict=True))

    assert part_of(log) == part_of(shuffled)


def test_groups_without_null_lose_none_of_the_shares():
    # 50 equal groups: a share of 0.1 is 5 of them whatever the seed.
    frame = frame_of(user=np.repeat(np.arange(50), 4))
    for seed in range(5):
        parts = GroupSplit("user", valid=0.1, test=0.1, seed=seed).assign(frame)
        assert split_counts(parts) == {"train": 160, "valid": 20, "test": 20}


def test_groups_are_cut_in_order_of_hash_of_rank():
    users = ["c", "a", None, "b", "d"]
    # Ranks: null 0, a 1, b 2, c 3, d 4.
    order = sorted(range(5), key=lambda rank: splitmix64_by_hand(rank, 9))
    rank = {None: 0, "a": 1, "b": 2, "c": 3, "d": 4}

    parts = GroupSplit("user", valid=0.4, test=0.2, seed=9).assign(frame_of(user=users))

    expected = {order[0]: 2, order[1]: 1, order[2]: 1, order[3]: 0, order[4]: 0}
    assert parts.tolist() == [expected[rank[user]] for user in users]


def test_one_group_cannot_be_divided():
    with pytest.raises(DataError, match="leave rows for train"):
        GroupSplit("user").assign(frame_of(user=["a", "a"]))


def test_parts_from_a_column():
    names = ["test", "train", "validation", "val", "valid", "train"]

    parts = ColumnSplit("part").assign(frame_of(part=names))

    assert parts.tolist() == [2, 0, 1, 1, 1, 0]
    assert split_counts(parts) == {"train": 2, "valid": 3, "test": 1}


def test_parts_from_numbers():
    split = ColumnSplit("fold", train=("0", "1"), valid=("2",), test=())

    assert split.assign(frame_of(fold=[2, 0, 1])).tolist() == [1, 0, 0]


def test_unknown_parts_are_listed():
    frame = frame_of(part=["train", "holdout", None, "dev", "dev"])
    with pytest.raises(
        DataError, match=r"got \[None, 'dev', 'holdout'\] in 4 rows. Known are"
    ):
        ColumnSplit("part").assign(frame)


def test_a_value_with_two_parts():
    with pytest.raises(ValueError, match=r"must differ, got \['val'\] in two parts"):
        ColumnSplit("part", train=("val",))


def test_a_column_without_training_rows():
    with pytest.raises(DataError, match="must leave rows for train"):
        ColumnSplit("part").assign(frame_of(part=["test", "val"]))


SPLITS = [
    RandomSplit(0.2, 0.1),
    TimeSplit("day", 0.2, 0.1),
    GroupSplit("user", 0.2, 0.1),
]


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: type(split).__name__)
def test_chunks_do_not_show(split, log, tmp_path):
    expected = split.assign(log.lazy())
    pieces = pl.concat([log[:13], log[13:14], log[14:]], rechunk=False)
    log.write_parquet(tmp_path / "log.parquet", row_group_size=50)

    assert np.array_equal(split.assign(pieces.lazy()), expected)
    assert np.array_equal(
        split.assign(pl.scan_parquet(tmp_path / "log.parquet")), expected
    )


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: type(split).__name__)
def test_an_empty_table_cannot_be_divided(split, log):
    with pytest.raises(DataError, match="must leave rows for train"):
        split.assign(log.head(0).lazy())


@pytest.mark.parametrize("split", [TimeSplit("x"), GroupSplit("x"), ColumnSplit("x")])
def test_a_missing_column_is_named(split, log):
    with pytest.raises(DataError, match=r"got 'x'. The frame has \['day', 'user'\]"):
        split.assign(log.lazy())


@pytest.mark.parametrize("split", [TimeSplit("x"), GroupSplit("x"), ColumnSplit("x")])
def test_a_column_of_lists_is_refused(split):
    with pytest.raises(DataError, match=r"single values, got 'x' with List"):
        split.assign(frame_of(x=[[1], [2]]))


@pytest.mark.parametrize("make", [RandomSplit, lambda *a: TimeSplit("t", *a)])
@pytest.mark.parametrize(
    ("valid", "test", "message"),
    [
        (-0.1, 0.0, r"valid must be a share in \[0, 1\)"),
        (0.1, 1.0, r"test must be a share in \[0, 1\)"),
        (0.5, 0.5, r"valid \+ test must be below 1, got 0.5 \+ 0.5"),
        (float("nan"), 0.0, "valid must be a share"),
    ],
)
def test_impossible_shares(make, valid, test, message):
    with pytest.raises(ValueError, match=message):
        make(valid, test)


def test_too_few_rows_for_a_share():
    with pytest.raises(DataError, match=r"rows for train, got .*from RandomSplit"):
        RandomSplit(valid=0.1).assign(frame_of(x=[1]))


def test_checksum_is_that_of_the_bytes():
    # sha256 of the bytes 00 01 02
    expected = "ae4b3280e56e2faf83f414a6e3dabe9d5fbe18976544c05fed121accb85b53fc"

    assert split_checksum(np.array([0, 1, 2], dtype=np.uint8)) == expected


@pytest.mark.parametrize(
    ("values", "ranks"),
    [
        (pl.Series([5, None, -1, 5]), [2, 0, 1, 2]),
        (pl.Series([None, None]), [0, 0]),
        (pl.Series([True, False, None]), [2, 1, 0]),
        (pl.Series(["b", "a"], dtype=pl.Enum(["b", "a"])), [2, 1]),
        (pl.Series([], dtype=pl.String), []),
    ],
)
def test_ranks(values, ranks):
    assert dense_ranks(values).tolist() == ranks
