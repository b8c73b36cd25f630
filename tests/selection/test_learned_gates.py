"""What every ranking by learned gates promises."""

from dataclasses import replace

import numpy as np
import pytest

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.schema import Schema
from fieldwise.selection import RankingData
from fieldwise.selection.adafs import rank_by_adafs
from fieldwise.selection.autofield import rank_by_autofield
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.lpfs import rank_by_lpfs
from fieldwise.selection.optfs import rank_by_optfs
from fieldwise.training import Recipe
from tests.selection.planted import planted

METHODS = (rank_by_autofield, rank_by_adafs, rank_by_lpfs, rank_by_optfs)
QUICK = Backbone(recipe=Recipe(learning_rate=0.01, batch_size=64, num_epochs=2))


@pytest.fixture(scope="module")
def data():
    return planted(num_rows=1000)


@pytest.mark.parametrize("rank", METHODS)
def test_importance_of_all_fields(data, rank):
    found = rank(data, backbone=QUICK, seed=3)

    assert found.unit == "field"
    assert found.names == data.schema.names
    assert found.seed == 3
    assert found.data_fingerprint == data.fingerprint
    assert found.top(len(found)).kept == found.names
    assert np.unique(numbers(found)).size >= 20


def numbers(importance):
    """All that was found, but the seed."""
    return np.concatenate([importance.scores, *importance.details.values()])


@pytest.mark.parametrize("rank", METHODS)
def test_the_seed_decides(data, rank):
    found = [rank(data, backbone=QUICK, seed=seed) for seed in (0, 0, 1)]

    assert found[0] == found[1]
    assert not np.array_equal(numbers(found[0]), numbers(found[2]))


@pytest.mark.parametrize("rank", METHODS)
def test_a_single_field(data, rank):
    field = data.schema["strong0"]
    start = data.schema.table_offsets[data.schema.names.index("strong0")]
    schema = replace(data.schema, fields=(field,))
    column = data.schema.names.index("strong0")

    def alone(part):
        rows = part.rows[:, [column, -1]].copy()
        rows[:, 0] -= start
        return Dataset(schema, rows)

    parts = RankingData(alone(data.train), alone(data.gate), alone(data.stop))

    assert rank(parts, backbone=QUICK).names == ("strong0",)


@pytest.mark.parametrize("rank", METHODS)
def test_a_table_of_every_kind_of_field(mixed_schema, mixed_data, rank):
    found = rank(mixed_data, backbone=QUICK)

    assert found.names == mixed_schema.names


@pytest.mark.parametrize("rank", METHODS)
def test_the_log_tells(data, rank):
    lines = []

    rank(data, backbone=QUICK, log=lines.append)

    assert lines[-1].startswith("epoch ")


@pytest.mark.parametrize("rank", METHODS[:3])
def test_other_rows_of_gates_or_of_the_end(data, rank):
    """Which rows are for what."""
    same = rank(data, backbone=QUICK)
    gated = rank(replace(data, gate=poisoned(data.gate)), backbone=QUICK)
    trained = rank(replace(data, train=poisoned(data.train)), backbone=QUICK)

    # LPFS has no use for the rows of the gates.
    assert (gated.scores == same.scores).all() == (rank is rank_by_lpfs)
    assert not np.array_equal(trained.scores, same.scores)


def poisoned(dataset):
    """The same rows with every label turned."""
    rows = dataset.rows.copy()
    labels = rows[:, dataset.layout.labels].view(np.float32)
    labels[:] = 1 - labels
    return Dataset(dataset.schema, rows)


def doubled(data, name):
    """The same rows with a copy of one field at the end."""
    schema = data.schema
    place = schema.names.index(name)
    copy = replace(schema[name], name="copy")
    both = Schema((*schema.fields, copy), schema.labels)
    shift = schema.num_features - schema.table_offsets[place]

    def with_copy(part):
        column = part.rows[:, [place]] + np.int32(shift)
        parts = [part.rows[:, :-1], column, part.rows[:, -1:]]
        return Dataset(both, np.ascontiguousarray(np.hstack(parts)))

    return RankingData(*map(with_copy, (data.train, data.gate, data.stop)))


@pytest.mark.parametrize("rank", METHODS)
def test_copies_of_a_field_both_have_a_score(data, rank):
    found = rank(doubled(data, "strong0"), backbone=QUICK)

    assert len(found) == 21
    assert np.isfinite(found.scores).all()


@pytest.fixture
def mixed_data(mixed_schema, random_batch):
    """Random rows of every kind of field."""
    batches = (random_batch(mixed_schema, 60, seed) for seed in range(3))
    return RankingData(*(dataset_of(mixed_schema, batch) for batch in batches))


def dataset_of(schema, batch):
    floats = [batch.numbers, *batch.vectors, batch.labels]
    columns = [batch.indices.numpy(), *(part.numpy().view(np.int32) for part in floats)]
    bags = []
    for number in range(len(schema.sequence_fields)):
        first, last = number * len(batch), (number + 1) * len(batch)
        offsets = batch.sequence_offsets[first : last + 1].numpy().astype(np.int64)
        items = batch.sequence_indices[offsets[0] : offsets[-1]].numpy()
        bags.append(Ragged(items, offsets - offsets[0]))
    return Dataset(schema, np.hstack(columns), bags)
