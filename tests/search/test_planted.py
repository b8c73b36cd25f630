"""Planted fields: noise is a field in another order, a copy is the field itself."""

import numpy as np
import pytest

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.data.field_view import view_fields
from fieldwise.data.loader import Loader
from fieldwise.importance import Importance
from fieldwise.schema import Schema, VectorField
from fieldwise.search import planted as planted_module
from fieldwise.search.planted import Planted, plant
from fieldwise.selection import RankingData
from tests.data.every_kind import SCHEMA, raw_table


@pytest.fixture(scope="module")
def data():
    table = raw_table()
    encoder = Encoder.fit(table.lazy(), SCHEMA)
    dataset = encode_frame(encoder, table, labelled=True)
    parts = [dataset.take(np.arange(start, 60, 3)) for start in range(3)]
    return RankingData(*parts)


def column(dataset, name):
    """What a model sees of one field of index or number."""
    return view_fields(dataset, [name]).rows[:, 0]


def test_noise_and_copies(data):
    planted = plant(data, seed=0)

    wider = planted.data.train
    assert wider.schema.names[: len(data.schema)] == data.schema.names
    assert len(planted.noise) == 5
    assert len(planted.copies) == 2
    for name in planted.noise:
        noise = column(wider, name)
        source = column(wider, name.removesuffix(" (shuffled)"))
        assert sorted(noise) == sorted(source)
        assert (noise != source).any()
    for copy, source in planted.copies.items():
        np.testing.assert_array_equal(column(wider, copy), column(wider, source))


def test_the_fields_of_the_table_are_what_they_were(data):
    planted = plant(data, seed=0)

    for part in ("train", "gate", "stop"):
        before = getattr(data, part)
        after = view_fields(getattr(planted.data, part), data.schema.names)
        np.testing.assert_array_equal(after.rows, before.rows)
        for one, other in zip(after.sequences, before.sequences, strict=True):
            np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(after.weights, before.weights)
        np.testing.assert_array_equal(after.groups, before.groups)


def test_rows_can_be_loaded(data):
    wider = plant(data, seed=1).data.gate
    batch = next(iter(Loader(wider, batch_size=8).epoch(0)))

    assert batch.indices.shape[1] == len(wider.schema.index_fields)
    assert int(batch.indices.max()) < wider.schema.num_features
    assert int(batch.sequence_indices.max()) < wider.schema.num_features


def test_the_seed_decides(data):
    rows = [plant(data, seed=seed).data.train.rows for seed in (3, 3, 4)]

    np.testing.assert_array_equal(rows[0], rows[1])
    assert rows[0].shape != rows[2].shape or (rows[0] != rows[2]).any()


def test_large_parts_are_thinned(data, monkeypatch):
    monkeypatch.setattr(planted_module, "MOST_ROWS", 7)

    assert len(plant(data, seed=0).data.train) == 7


def test_nothing_to_plant():
    schema = Schema((VectorField("text", vector_dim=1),))
    rows = Dataset(schema, np.zeros((3, 1), np.int32), labelled=False)

    assert plant(RankingData(rows, rows, rows), seed=0) is None


def test_what_is_kept_by_hand(data):
    planted = Planted(data, ("n1", "n2"), {"a (copy)": "a", "b (copy)": "b"})
    order = ("a", "n1", "a (copy)", "b (copy)", "n2", "b")
    scores = -np.arange(6.0)
    found = Importance("field", order, scores, "share", "by hand")

    shares = [planted.noise_share(found, k) for k in range(1, 7)]
    assert shares == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4, 2 / 5, 2 / 6])
    assert [planted.copies_kept(found, k) for k in range(1, 7)] == [0, 0, 1, 1, 1, 2]
