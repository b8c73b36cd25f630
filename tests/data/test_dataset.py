"""The encoded matrix: what goes in comes out, in any order, from memory or disk."""

import json
import os
import pickle
from dataclasses import fields

import numpy as np
import pytest
import torch

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.errors import DataError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

SCHEMA = Schema(
    (
        CategoricalField("site", num_features=4, value_type="string"),
        NumericField("age", encoding="standard", center=0.0, scale=1.0),
        SequenceField("tags", num_features=6, value_type="string"),
        VectorField("text", vector_dim=2),
        SequenceField("words", num_features=9, value_type="string"),
    ),
    (Label("click", "binary", positive=1), Label("money", "real")),
    weight="weight",
    group="query",
)
NUM_ROWS = 50


def parts(num_rows=NUM_ROWS, seed=0):
    """What each column should give back."""
    random = np.random.default_rng(seed)
    return {
        "indices": random.integers(0, 4, (num_rows, 1), dtype=np.int32),
        "numbers": random.normal(size=(num_rows, 1)).astype(np.float32),
        "vectors": random.normal(size=(num_rows, 2)).astype(np.float32),
        "labels": random.choice([0, 1, np.nan], (num_rows, 2)).astype(np.float32),
        "weights": random.random((num_rows, 1), dtype=np.float32),
        "groups": random.integers(0, 5, (num_rows, 1), dtype=np.int32),
    }


def lists(num_rows=NUM_ROWS, seed=0):
    random = np.random.default_rng(seed)
    return [
        [
            random.integers(low, high, random.integers(0, 4)).astype(np.int32)
            for _ in range(num_rows)
        ]
        for low, high in ((4, 10), (10, 19))
    ]


def ragged(rows):
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    values = np.concatenate([np.empty(0, np.int32), *rows]).astype(np.int32)
    return Ragged(values, offsets)


def build(num_rows=NUM_ROWS):
    matrix = np.hstack([p.view(np.int32) for p in parts(num_rows).values()])
    return Dataset(
        SCHEMA, matrix, [ragged(rows) for rows in lists(num_rows)], fingerprint="f"
    )


@pytest.fixture(params=["memory", "disk"])
def dataset(request, tmp_path):
    if request.param == "memory":
        return build()
    build().save(tmp_path / "rows")
    return Dataset.open(tmp_path / "rows")


def test_floats_keep_their_bits_by_hand():
    schema = Schema((NumericField("age", encoding="standard", center=0.0, scale=1.0),))
    # 1.0 is 0x3F800000 and -2.0 is 0xC0000000 in 32 bits
    matrix = np.array([[0x3F800000], [-0x40000000]], dtype=np.int32)

    batch = Dataset(schema, matrix, labelled=False).batch(np.array([1, 0]))

    assert batch.numbers.tolist() == [[-2.0], [1.0]]
    assert batch.labels is None


@pytest.mark.parametrize(
    "rows",
    [
        np.array([3, 1, 1, 49, 0]),
        np.array([], dtype=np.intp),
        np.arange(NUM_ROWS)[::-1],
        slice(10, 20),
        slice(None),
    ],
    ids=["some", "none", "backwards", "slice", "all"],
)
def test_a_batch_holds_the_rows_asked_for(dataset, rows):
    batch = dataset.batch(rows)

    expected = {name: column[rows] for name, column in parts().items()}
    np.testing.assert_array_equal(batch.indices, expected["indices"])
    np.testing.assert_array_equal(batch.numbers, expected["numbers"])
    np.testing.assert_array_equal(batch.vectors[0], expected["vectors"])
    np.testing.assert_array_equal(batch.labels, expected["labels"])
    np.testing.assert_array_equal(batch.weights, expected["weights"][:, 0])
    np.testing.assert_array_equal(batch.groups, expected["groups"][:, 0])
    assert batch.indices.dtype == batch.groups.dtype == torch.int32


def test_bags_equal_a_loop(dataset):
    rows = np.array([7, 7, 0, 31])

    batch = dataset.batch(rows)

    offsets = batch.sequence_offsets.tolist()
    assert len(offsets) == 2 * len(rows) + 1
    for number, column in enumerate(lists()):
        for place, row in enumerate(rows):
            bag = number * len(rows) + place
            items = batch.sequence_indices[offsets[bag] : offsets[bag + 1]]
            assert items.tolist() == column[row].tolist()
    assert batch.sequence_offsets.dtype == batch.sequence_indices.dtype == torch.int32


def test_take_from_ragged_by_hand():
    lists = Ragged(np.array([5, 6, 7], np.int32), np.array([0, 2, 2, 3]))

    values, lengths = lists.take(np.array([2, 1, 0, 0]))

    # rows are [5, 6], [] and [7]
    assert values.tolist() == [7, 5, 6, 5, 6]
    assert lengths.tolist() == [1, 0, 2, 2]


def test_columns_as_a_whole(dataset):
    expected = parts()

    np.testing.assert_array_equal(dataset.labels, expected["labels"])
    np.testing.assert_array_equal(dataset.weights, expected["weights"][:, 0])
    np.testing.assert_array_equal(dataset.groups, expected["groups"][:, 0])
    assert len(dataset) == NUM_ROWS


def test_bytes_of_all_rows(dataset):
    matrix = NUM_ROWS * dataset.layout.width * 4
    items = sum(len(r.values) for r in dataset.sequences) * 4

    assert dataset.num_bytes == matrix + items + 2 * (NUM_ROWS + 1) * 8


def test_prefetching_names_the_bytes_of_rows_and_lists(tmp_path, monkeypatch):
    build().save(tmp_path / "rows")
    dataset = Dataset.open(tmp_path / "rows")
    given = []
    monkeypatch.setattr(
        os, "posix_fadvise", lambda file, *piece: given.append(piece), raising=False
    )
    monkeypatch.setattr(os, "POSIX_FADV_WILLNEED", "soon", raising=False)
    row_bytes = 4 * dataset.layout.width

    dataset.prefetch(np.array([[2, 5], [7, 7]]))

    expected = [(2 * row_bytes, 3 * row_bytes, "soon")]
    for ragged in dataset.sequences:
        start, end = 4 * ragged.offsets[2], 4 * ragged.offsets[5]
        expected += [(16, 24, "soon"), (start, end - start, "soon")]
    assert given == [piece for piece in expected if piece[1]]


def test_prefetching_is_only_advice(tmp_path, monkeypatch):
    build().prefetch(np.array([[0, 1]]))
    build().save(tmp_path / "rows")
    dataset = Dataset.open(tmp_path / "rows")
    dataset.prefetch(np.array([[0, NUM_ROWS]]))

    (tmp_path / "rows" / "rows.i32").unlink()
    dataset.prefetch(np.array([[0, NUM_ROWS]]))
    monkeypatch.delattr(os, "posix_fadvise", raising=False)
    dataset.prefetch(np.array([[0, NUM_ROWS]]))


def test_a_batch_owns_its_memory(dataset):
    batch = dataset.batch(slice(0, 2))
    for slot in fields(batch):
        value = getattr(batch, slot.name)
        for tensor in value if isinstance(value, tuple) else (value,):
            tensor.zero_()

    again = dataset.batch(slice(0, 2))

    np.testing.assert_array_equal(again.numbers, parts()["numbers"][:2])


def test_columns_without_a_role_are_none():
    schema = Schema((SCHEMA["site"],))
    dataset = Dataset(schema, np.zeros((2, 1), np.int32), labelled=False)

    assert dataset.weights is None
    assert dataset.groups is None
    assert dataset.labels.shape == (2, 0)
    batch = dataset.batch(slice(None))
    assert batch.numbers.shape == (2, 0)
    assert batch.sequence_offsets.tolist() == [0]


def test_round_trip_through_a_folder(tmp_path):
    build().save(tmp_path / "a")

    opened = Dataset.open(tmp_path / "a")

    assert opened.schema == SCHEMA
    assert opened.fingerprint == "f"
    assert opened.labelled


def test_no_rows_at_all(tmp_path):
    build(num_rows=0).save(tmp_path / "a")

    opened = Dataset.open(tmp_path / "a")

    assert len(opened) == 0
    assert opened.labels.shape == (0, 2)
    assert len(opened.batch(slice(None))) == 0


def test_a_copy_in_a_worker_maps_the_file(dataset, tmp_path):
    copy = pickle.loads(pickle.dumps(dataset))

    np.testing.assert_array_equal(copy.labels, dataset.labels)
    assert copy.schema == dataset.schema
    if (tmp_path / "rows").exists():
        assert len(pickle.dumps(dataset)) < 1000


def test_wrong_width():
    with pytest.raises(DataError, match=r"8 columns, got shape \(3, 2\)"):
        Dataset(SCHEMA, np.zeros((3, 2), np.int32))


def test_missing_sequences():
    with pytest.raises(DataError, match=r"one per sequence field \(2\), got 0"):
        Dataset(SCHEMA, np.zeros((3, 8), np.int32))


def test_folder_without_manifest(tmp_path):
    with pytest.raises(DataError, match=r"must hold an encoded dataset.*dataset\.json"):
        Dataset.open(tmp_path)


def test_truncated_rows(tmp_path):
    build().save(tmp_path / "a")
    path = tmp_path / "a" / "rows.i32"
    path.write_bytes(path.read_bytes()[:-4])

    with pytest.raises(DataError, match=r"rows\.i32 must have 1600 bytes, got 1596"):
        Dataset.open(tmp_path / "a")


def test_truncated_sequence(tmp_path):
    build().save(tmp_path / "a")
    (tmp_path / "a" / "sequence_1.i32").write_bytes(b"")

    with pytest.raises(DataError, match=r"sequence_1\.i32 must have \d+ bytes, got 0"):
        Dataset.open(tmp_path / "a")


def test_newer_format(tmp_path):
    build().save(tmp_path / "a")
    path = tmp_path / "a" / "dataset.json"
    manifest = json.loads(path.read_text("utf-8")) | {"format_version": 99}
    path.write_text(json.dumps(manifest), "utf-8")

    with pytest.raises(DataError, match=r"format 1, got 99\. Encode the table again"):
        Dataset.open(tmp_path / "a")


@pytest.mark.parametrize("content", ["[]", "{", '{"format_version": 1}', "3"])
def test_damaged_manifest(tmp_path, content):
    (tmp_path / "dataset.json").write_text(content, "utf-8")

    with pytest.raises(DataError, match="must hold an encoded dataset"):
        Dataset.open(tmp_path)


def test_an_old_dataset_is_never_overwritten(tmp_path):
    build().save(tmp_path / "a")

    with pytest.raises(FileExistsError):
        build().save(tmp_path / "a")
