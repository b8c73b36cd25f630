"""The order of rows: seeded, complete, and the same for any number of workers."""

from dataclasses import fields
from itertools import chain

import numpy as np
import pytest
import torch

from fieldwise.data import loader as loader_module
from fieldwise.data import shuffle as shuffle_module
from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.data.loader import Loader, choose_shuffle
from fieldwise.data.shuffle import BlockShuffle
from fieldwise.schema import CategoricalField, Label, Schema, SequenceField


def build(num_rows, folder=None):
    schema = Schema(
        (
            CategoricalField("row", num_features=num_rows + 1, value_type="int"),
            SequenceField("tags", num_features=3, value_type="string"),
        ),
        (Label("click", "binary", positive=1),),
    )
    matrix = np.zeros((num_rows, 2), np.int32)
    matrix[:, 0] = np.arange(num_rows)
    offsets = np.arange(num_rows + 1, dtype=np.int64)
    dataset = Dataset(schema, matrix, [Ragged(matrix[:, 0].copy(), offsets)])
    if folder is None:
        return dataset
    dataset.save(folder)
    return Dataset.open(folder)


SHUFFLES = [False, "full", "block"]


def order(loader, epoch, **options):
    return [batch.indices[:, 0].tolist() for batch in loader.epoch(epoch, **options)]


@pytest.fixture
def small_windows(monkeypatch):
    """Blocks of four rows (20 bytes each), windows of three to five blocks."""
    monkeypatch.setattr(shuffle_module, "BLOCK_BYTES", 80)
    monkeypatch.setattr(shuffle_module, "WINDOW_BLOCKS", 3)


def test_rows_in_order_without_shuffling():
    loader = Loader(build(5), batch_size=2)

    assert order(loader, 0) == order(loader, 1) == [[0, 1], [2, 3], [4]]
    assert len(loader) == 3


def test_shuffled_epochs_hold_every_row_once_and_differ():
    loader = Loader(build(100), batch_size=32, shuffle=True, seed=1)

    first, second = order(loader, 1), order(loader, 2)

    assert [len(batch) for batch in first] == [32, 32, 32, 4]
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(100))
    assert first != second
    assert first == order(loader, 1)


def test_a_full_shuffle_is_the_permutation_of_its_seed_and_epoch():
    expected = np.random.default_rng([5, 2]).permutation(40).tolist()

    for shuffle in (True, "auto", "full"):
        loader = Loader(build(40), batch_size=7, shuffle=shuffle, seed=5)
        assert list(chain(*order(loader, 2))) == expected
        assert loader.shuffle == "full"


@pytest.mark.parametrize("batch_size", [1, 5, 33, 1000])
@pytest.mark.parametrize("num_rows", [0, 1, 2, 66, 100, 101])
def test_a_block_shuffle_cuts_its_windows_into_batches(
    small_windows, num_rows, batch_size
):
    loader = Loader(build(num_rows), batch_size=batch_size, shuffle="block", seed=5)
    blocks = BlockShuffle.of(num_rows, loader.dataset.num_bytes)
    windows = blocks.windows(seed=5, epoch=2)

    batches = order(loader, 2)

    whole = Loader(build(num_rows), batch_size=batch_size, shuffle="full", seed=5)
    assert list(map(len, batches)) == list(map(len, order(whole, 2)))
    assert list(chain(*batches)) == list(chain(*(w.rows().tolist() for w in windows)))
    assert len(loader) == len(batches)


@pytest.mark.parametrize("shuffle", SHUFFLES)
@pytest.mark.parametrize("num_rows", [0, 1, 49, 50])
def test_skipped_batches_are_left_out(small_windows, num_rows, shuffle):
    loader = Loader(build(num_rows), batch_size=8, shuffle=shuffle, seed=1)
    all_batches = order(loader, 3)

    for skip in range(len(all_batches) + 2):
        assert order(loader, 3, skip=skip) == all_batches[skip:]


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_skipped_rows_are_not_gathered(small_windows, monkeypatch, shuffle):
    dataset, gathered = build(50), []
    monkeypatch.setattr(dataset, "batch", lambda rows: gathered.append(len(rows)))

    list(Loader(dataset, batch_size=8, shuffle=shuffle).epoch(0, skip=5))

    assert gathered == [8, 2]


def test_only_the_windows_that_are_needed_are_drawn(small_windows, monkeypatch):
    drawn = []
    rows = shuffle_module.Window.rows
    monkeypatch.setattr(
        shuffle_module.Window, "rows", lambda w: drawn.append(w.key[2]) or rows(w)
    )
    loader = Loader(build(100), batch_size=10, shuffle="block")

    batches = loader.epoch(0, skip=8)
    next(batches)

    num_windows = len(BlockShuffle(100, 4, 3).windows(seed=0, epoch=0))
    assert num_windows >= 8
    assert drawn[0] >= num_windows - 3
    assert len(drawn) <= 2


def test_the_next_window_is_fetched_while_one_is_in_use(small_windows, monkeypatch):
    dataset, fetched = build(100), []
    monkeypatch.setattr(
        dataset, "prefetch", lambda blocks: fetched.append(blocks.tolist())
    )
    windows = BlockShuffle(100, 4, 3).windows(seed=0, epoch=0)
    expected = [window.blocks.tolist() for window in windows]
    batches = Loader(dataset, batch_size=1, shuffle="block").epoch(0)

    next(batches)
    assert fetched == expected[:2]

    list(batches)
    assert fetched == expected


def test_auto_shuffles_blocks_where_rows_do_not_fit(monkeypatch):
    dataset = build(100)
    # 2 columns of 4 bytes, an item of 4 and 101 offsets of 8, and an order of 8
    needed = 100 * (8 + 4) + 101 * 8 + 100 * 8

    for limit, shuffle in ((2 * needed, "full"), (2 * needed - 1, "block")):
        monkeypatch.setattr(loader_module, "memory_limit", lambda limit=limit: limit)
        assert choose_shuffle(dataset) == shuffle
        assert Loader(dataset, batch_size=9, shuffle="auto").shuffle == shuffle
        assert Loader(dataset, batch_size=9, shuffle="full").shuffle == "full"
        assert Loader(dataset, batch_size=9).shuffle is False
    monkeypatch.setattr(loader_module, "memory_limit", lambda: None)
    assert choose_shuffle(dataset) == "full"


def test_the_seed_decides_the_order():
    orders = [
        order(Loader(build(100), batch_size=100, shuffle=True, seed=seed), 1)
        for seed in (0, 0, 1)
    ]

    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("num_rows", "batch_size", "sizes"),
    [
        (5, 2, [2, 3]),
        (7, 3, [3, 4]),
        (6, 3, [3, 3]),
        (8, 3, [3, 3, 2]),
        (1, 3, [1]),
        (3, 1, [1, 1, 1]),
        (0, 3, []),
    ],
)
@pytest.mark.parametrize("shuffle", ["full", "block"])
def test_no_training_batch_of_one_row(num_rows, batch_size, sizes, shuffle):
    loader = Loader(build(num_rows), batch_size=batch_size, shuffle=shuffle)

    batches = order(loader, 0)

    assert [len(batch) for batch in batches] == sizes
    assert len(loader) == len(sizes)
    assert sorted(chain(*batches)) == list(range(num_rows))


# Small machines have one core, newer Pythons dislike a fork: not the matter here.
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize(("shuffle", "skip"), [("full", 0), ("block", 2)])
def test_workers_change_nothing(small_windows, tmp_path, on_disk, shuffle, skip):
    dataset = build(50, tmp_path / "rows" if on_disk else None)
    state = torch.get_rng_state()
    settings = {"batch_size": 8, "shuffle": shuffle, "seed": 3}

    alone = list(Loader(dataset, **settings).epoch(1, skip=skip))
    helped = list(Loader(dataset, **settings, num_workers=2).epoch(1, skip=skip))

    assert len(alone) == len(helped) == 7 - skip
    for ours, theirs in zip(alone, helped, strict=True):
        for slot in fields(ours):
            mine, other = getattr(ours, slot.name), getattr(theirs, slot.name)
            if isinstance(mine, torch.Tensor):
                assert torch.equal(mine, other)
                assert mine.dtype == other.dtype
            else:
                assert mine == other
    assert torch.equal(torch.get_rng_state(), state)


def test_the_global_random_state_neither_matters_nor_moves():
    loader = Loader(build(20), batch_size=20, shuffle=True)
    torch.manual_seed(1)
    np.random.seed(1)
    first = order(loader, 0)
    torch.manual_seed(2)
    np.random.seed(2)

    assert order(loader, 0) == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size must be positive, got 0"),
        (
            {"batch_size": 1, "num_workers": -1},
            "num_workers must be zero or positive, got -1",
        ),
        (
            {"batch_size": 1, "shuffle": "blocks"},
            "shuffle must be one of 'auto', 'full', 'block', got 'blocks'",
        ),
    ],
)
def test_impossible_sizes(arguments, message):
    with pytest.raises(ValueError, match=message):
        Loader(build(3), **arguments)


@pytest.mark.parametrize("shuffle", [False, "full", "block"])
@pytest.mark.parametrize("num_ranks", [2, 3])
def test_processes_share_every_batch(shuffle, num_ranks):
    dataset = build(23)
    options = {"batch_size": 5, "shuffle": shuffle, "seed": 3}
    whole = [b.indices for b in Loader(dataset, **options).epoch(1)]

    shares = [
        [
            batch.indices
            for batch in Loader(
                dataset, **options, rank=rank, num_ranks=num_ranks
            ).epoch(1)
        ]
        for rank in range(num_ranks)
    ]

    for batch, *parts in zip(whole, *shares, strict=True):
        assert torch.equal(torch.cat(parts), batch)
        sizes = [len(part) for part in parts]
        assert max(sizes) - min(sizes) <= 1


def test_rows_of_a_process():
    # by hand: batches 0-4 and 5-6; the second process has the last of each half
    loader = Loader(build(7), batch_size=5, num_ranks=2)

    assert loader.sizes() == [5, 2]
    assert loader.sizes(skip=1) == [2]
    assert loader.rows_of(0).tolist() == [0, 1, 5]
    assert loader.rows_of(1).tolist() == [2, 3, 4, 6]
