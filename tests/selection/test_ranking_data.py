import numpy as np
import pytest

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.errors import DataError
from fieldwise.schema import CategoricalField, Label, Schema, SequenceField
from fieldwise.selection import RankingData

SITE = CategoricalField("site", num_features=100, value_type="string")


def dataset(num_rows, *, group=None):
    schema = Schema((SITE,), labels=(Label("click", kind="binary"),), group=group)
    columns = [np.arange(num_rows), np.zeros(num_rows)]
    if group:
        columns.append(np.arange(num_rows) // 3)
    return Dataset(schema, np.stack(columns, axis=1).astype(np.int32))


def sites(part):
    return part.rows[:, 0].tolist()


def test_validation_rows_are_divided_and_none_is_lost():
    data = RankingData.of({"train": dataset(5), "valid": dataset(20)}, seed=3)

    assert sites(data.train) == list(range(5))
    assert len(data.gate) == len(data.stop) == 10
    assert sorted(sites(data.gate) + sites(data.stop)) == list(range(20))


def test_the_seed_decides_the_division():
    parts = {"train": dataset(5), "valid": dataset(20)}
    gates = [sites(RankingData.of(parts, seed=seed).gate) for seed in (0, 0, 1)]

    assert gates[0] == gates[1] != gates[2]


def test_a_test_part_changes_nothing():
    parts = {"train": dataset(5), "valid": dataset(20)}
    with_test = RankingData.of(parts | {"test": dataset(7)})

    assert sites(with_test.gate) == sites(RankingData.of(parts).gate)


def test_groups_stay_whole():
    parts = {name: dataset(30, group="user") for name in ("train", "valid")}
    data = RankingData.of(parts)

    assert set(data.gate.groups).isdisjoint(data.stop.groups)


@pytest.mark.parametrize("missing", ["train", "valid"])
def test_a_missing_part_is_named(missing):
    parts = {"train": dataset(5), "valid": dataset(20)}
    del parts[missing]

    with pytest.raises(DataError, match=f"got no .*{missing}"):
        RankingData.of(parts)


def test_one_row_cannot_be_halved():
    with pytest.raises(DataError, match="2 rows or groups at least, got 1"):
        RankingData.of({"train": dataset(5), "valid": dataset(1)})


def test_taken_rows_keep_their_sequences():
    field = SequenceField("tags", num_features=9, value_type="string")
    ragged = Ragged(np.array([1, 2, 3], np.int32), np.array([0, 2, 2, 3]))
    rows = np.zeros((3, 0), np.int32)
    taken = Dataset(Schema((field,)), rows, [ragged], labelled=False).take(
        np.array([2, 0])
    )

    assert taken.sequences[0].values.tolist() == [3, 1, 2]
    assert taken.sequences[0].offsets.tolist() == [0, 1, 3]
    assert taken.checksum() != taken.take(np.array([1])).checksum()
