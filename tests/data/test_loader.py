"""The order of rows: seeded, complete, and the same for any number of workers."""

from dataclasses import fields
from itertools import chain

import numpy as np
import pytest
import torch

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.data.loader import Loader
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


def order(loader, epoch):
    return [batch.indices[:, 0].tolist() for batch in loader.epoch(epoch)]


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
def test_no_training_batch_of_one_row(num_rows, batch_size, sizes):
    loader = Loader(build(num_rows), batch_size=batch_size, shuffle=True)

    batches = order(loader, 0)

    assert [len(batch) for batch in batches] == sizes
    assert len(loader) == len(sizes)
    assert sorted(chain(*batches)) == list(range(num_rows))


# Small machines have one core, newer Pythons dislike a fork: not the matter here.
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork")
@pytest.mark.parametrize("on_disk", [False, True])
def test_workers_change_nothing(tmp_path, on_disk):
    dataset = build(50, tmp_path / "rows" if on_disk else None)
    state = torch.get_rng_state()

    alone = list(Loader(dataset, batch_size=8, shuffle=True, seed=3).epoch(1))
    helped = list(
        Loader(dataset, batch_size=8, shuffle=True, seed=3, num_workers=2).epoch(1)
    )

    assert len(alone) == len(helped) == 7
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
    ],
)
def test_impossible_sizes(arguments, message):
    with pytest.raises(ValueError, match=message):
        Loader(build(3), **arguments)
