import numpy as np
import pytest

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.errors import SchemaError
from fieldwise.schema import Label, Schema, SequenceField
from fieldwise.selection import RankingData
from fieldwise.selection.outrank import rank_by_outrank
from tests.selection.planted import (
    planted,
    planted_numbers,
    ranking_data,
    strong_before_noise,
)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("table", [planted, planted_numbers])
def test_strong_fields_come_before_noise(table, seed):
    assert strong_before_noise(rank_by_outrank(table(seed), seed=seed)) >= 0.95


def test_training_rows_only():
    data = planted()
    other = RankingData(data.train, gate=data.stop, stop=data.train)

    found = [rank_by_outrank(rows) for rows in (data, other)]

    assert found[0] == found[1]
    assert found[0].names == data.schema.names
    assert found[0].data_fingerprint == data.fingerprint


def test_a_copy_comes_after_a_weak_field():
    random = np.random.default_rng(0)
    strong, weak = random.integers(0, 4, (2, 20_000))
    logits = 1.0 * (strong - 1.5) + 0.3 * (weak - 1.5)
    labels = random.random(20_000) < 1 / (1 + np.exp(-logits))
    data = ranking_data({"a": strong, "copy": strong, "weak": weak}, labels)

    assert rank_by_outrank(data).ranked == ("a", "copy", "weak")
    assert rank_by_outrank(data, redundancy=True).ranked == ("a", "weak", "copy")


def test_rows_without_a_label_are_left_out():
    random = np.random.default_rng(0)
    site = random.integers(0, 4, 6000)
    labels = (random.random(6000) < site / 4).astype(float)
    labels[::5] = np.nan
    data = ranking_data({"site": site, "noise": random.integers(0, 4, 6000)}, labels)

    found = rank_by_outrank(data)

    assert found.ranked == ("site", "noise")


def test_a_real_label():
    random = np.random.default_rng(0)
    site = random.integers(0, 4, 6000)
    columns = {"noise": random.normal(size=6000), "site": site}
    data = ranking_data(columns, site + random.normal(size=6000), kind="real")

    assert rank_by_outrank(data).ranked == ("site", "noise")


def test_other_kinds_of_fields_are_named():
    field = SequenceField("tags", num_features=3, value_type="string")
    schema = Schema((field,), labels=(Label("click", "binary", 1),))
    rows = np.zeros((4, 1), dtype=np.int32)
    tags = Ragged(np.zeros(4, dtype=np.int32), np.arange(5))
    part = Dataset(schema, rows, (tags,))

    with pytest.raises(SchemaError, match=r"categorical or numeric .* \['tags'\]"):
        rank_by_outrank(RankingData(part, part, part))
