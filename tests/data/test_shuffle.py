"""Block shuffle: every row once, the stated quality, and a plain loop beside it."""

import numpy as np
import pytest

from fieldwise.data.shuffle import BlockShuffle, Window

SORTED = BlockShuffle(num_rows=20_000, block_rows=10, window_blocks=100)
LABELS = np.arange(20_000) >= 10_000
BATCH = 100


def order(shuffle, *, epoch=0, seed=0):
    return np.concatenate([w.rows() for w in shuffle.windows(seed=seed, epoch=epoch)])


def autocorrelation(labels, lag):
    centred = labels - labels.mean()
    return (centred[:-lag] * centred[lag:]).mean() / (centred**2).mean()


def mean_autocorrelation(shuffle, lag):
    """Of the labels of a sorted table, over ten epochs."""
    return np.mean(
        [autocorrelation(LABELS[order(shuffle, epoch=e)], lag) for e in range(10)]
    )


def variance_of_shares(rows_of_epoch):
    """Of the share of positives in a batch, times what a full shuffle would give."""
    shares = [LABELS[rows_of_epoch(e)].reshape(-1, BATCH).mean(1) for e in range(10)]
    return np.mean((np.concatenate(shares) - 0.5) ** 2) * BATCH / 0.25


def loop(shuffle, seed, epoch):
    """Row by row."""
    random = np.random.default_rng([seed, epoch])
    first = random.integers(1, shuffle.block_rows + 1)
    blocks, current = [], []
    for row in range(shuffle.num_rows):
        if row >= first and (row - first) % shuffle.block_rows == 0 and current:
            blocks.append(current)
            current = []
        current.append(row)
    blocks.append(current)
    places = random.permutation(len(blocks)).tolist()
    num_windows = max(1, len(blocks) // shuffle.window_blocks)
    rows = []
    for number in range(num_windows):
        share, extra = divmod(len(blocks), num_windows)
        taken, places = (
            places[: share + (number < extra)],
            places[share + (number < extra) :],
        )
        window = [row for place in sorted(taken) for row in blocks[place]]
        np.random.default_rng((seed, epoch, number)).shuffle(window)
        rows += window
    return rows


def test_a_window_by_hand():
    window = Window(np.array([[2, 4], [7, 8]]), key=(0, 0, 0))

    assert len(window) == 3
    assert sorted(window.rows().tolist()) == [2, 3, 7]


@pytest.mark.parametrize("num_rows", [1, 2, 7, 100, 101])
@pytest.mark.parametrize("block_rows", [1, 3, 200])
@pytest.mark.parametrize("window_blocks", [1, 4, 1000])
def test_equals_a_loop(num_rows, block_rows, window_blocks):
    shuffle = BlockShuffle(num_rows, block_rows, window_blocks)

    rows = order(shuffle, seed=3, epoch=2)

    assert rows.tolist() == loop(shuffle, 3, 2)
    assert sorted(rows.tolist()) == list(range(num_rows))


def test_neighbours_of_a_sorted_table_are_torn_apart():
    # The bound is 1 / K = 0.01; the mean of ten epochs of 20,000 rows has a standard
    # error of 0.0022.
    for lag in (1, 2, 3, 10, 100):
        assert abs(mean_autocorrelation(SORTED, lag)) < 0.01 + 3 * 0.0022


def test_without_windows_neighbours_would_stay_together():
    blocks_only = BlockShuffle(20_000, block_rows=10, window_blocks=1)

    # Lag 1 crosses a boundary of blocks once in ten: half of those rows differ.
    assert mean_autocorrelation(blocks_only, 1) == pytest.approx(0.9, abs=0.02)


def test_batches_of_a_sorted_table_vary_at_most_twice_as_much_as_shuffled_ones():
    full = variance_of_shares(lambda e: np.random.default_rng(e).permutation(20_000))
    block = variance_of_shares(lambda e: order(SORTED, epoch=e))
    unshuffled = variance_of_shares(lambda _: np.arange(20_000))

    # 2,000 batches measure a variance to 3 per cent; the bound is 1 + 99 / 100.
    assert full == pytest.approx(1, abs=0.1)
    assert 1 < block < 1.99 * 1.1
    assert unshuffled == BATCH


def test_rows_of_a_block_stay_within_a_window():
    places = np.empty(20_000, np.intp)
    places[order(SORTED)] = np.arange(20_000)

    distances = np.abs(np.diff(places))

    # A window has 2 * K blocks at most; here 2,001 blocks make 20 windows of 101.
    within = distances < 101 * 10
    assert np.mean(within) > 0.89


def test_one_window_is_a_full_shuffle():
    shuffle = BlockShuffle(num_rows=1000, block_rows=10, window_blocks=1000)
    places = np.argsort([order(shuffle, epoch=e) for e in range(200)], axis=1)

    # The mean place of every row is the middle: 499.5, standard error 288.7 / 14.1.
    assert len(shuffle.windows(seed=0, epoch=0)) == 1
    assert np.abs(places.mean(axis=0) - 499.5).max() < 5 * 20.5


def test_epochs_and_seeds_differ_and_repeat():
    orders = [order(SORTED, seed=s, epoch=e).tolist() for s, e in [(0, 1), (0, 2)]]
    orders += [order(SORTED, seed=1, epoch=1).tolist()]

    assert len(set(map(tuple, orders))) == 3
    assert order(SORTED, seed=0, epoch=1).tolist() == orders[0]


def test_blocks_begin_elsewhere_in_each_epoch():
    starts = [
        {int(w.blocks[:, 0].max()) % 10 for w in SORTED.windows(seed=0, epoch=epoch)}
        for epoch in range(30)
    ]

    assert all(len(places) == 1 for places in starts)
    assert len(set.union(*starts)) > 5


def test_windows_bound_the_memory_of_a_large_table():
    shuffle = BlockShuffle.of(num_rows=10**8, num_bytes=160 * 10**8)

    windows = shuffle.windows(seed=0, epoch=0)

    assert sum(map(len, windows)) == 10**8
    assert max(map(len, windows)) * 160 < 2 * 256 * 2**20


@pytest.mark.parametrize(
    ("num_bytes", "block_rows"),
    [(100 * 64, 1024), (100 * 160, 409), (100 * 10**6, 1), (0, 1024)],
)
def test_blocks_are_64_kib_of_at_most_1024_rows(num_bytes, block_rows):
    assert BlockShuffle.of(100, num_bytes).block_rows == block_rows


def test_no_rows():
    assert order(BlockShuffle.of(0, 0)).tolist() == []


@pytest.mark.parametrize("name", ["block_rows", "window_blocks"])
def test_impossible_sizes(name):
    sizes = {"block_rows": 1, "window_blocks": 1} | {name: 0}

    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        BlockShuffle(10, **sizes)
