import numpy as np
import pytest

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.importance import Importance
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.search.controls import CardinalityOrder, RandomOrder, reversed_order
from fieldwise.selection import RankingData
from tests.selection.planted import NUM_VALUES, planted


@pytest.fixture(scope="module")
def data():
    return planted(num_rows=500)


def test_random_orders_follow_their_seeds(data):
    orders = [RandomOrder().rank(data, seed=seed).ranked for seed in (0, 0, 1, 2)]

    assert orders[0] == orders[1]
    assert len(set(orders)) == 3
    assert sorted(orders[3]) == sorted(data.schema.names)


def test_fields_with_many_values_come_first(data):
    found = CardinalityOrder().rank(data)

    sizes = {name: data.schema[name].num_features for name in data.schema.names}
    assert dict(zip(found.names, found.scores, strict=True)) == sizes
    assert found.ranked[0] == max(NUM_VALUES, key=NUM_VALUES.get)


def test_numbers_and_vectors_are_counted():
    number = NumericField("age", "standard", center=0.0, scale=1.0, low=0.0, high=9.0)
    fields = (
        VectorField("text", vector_dim=2),
        number,
        SequenceField("tags", num_features=9, value_type="int"),
        CategoricalField("site", num_features=4, value_type="int"),
    )
    ages = np.array([1, 2, 2, 1, 3], dtype=np.float32).view(np.int32)
    columns = [np.zeros(5, int), ages, *np.zeros((3, 5), int)]
    matrix = np.stack(columns, axis=1).astype(np.int32)
    # An empty sequence in every row.
    ragged = Ragged(np.zeros(0, np.int32), np.zeros(6, np.int64))
    schema = Schema(fields, (Label("click", "binary", positive=1),))
    rows = Dataset(schema, matrix, [ragged])

    found = CardinalityOrder().rank(RankingData(rows, rows, rows))

    assert dict(zip(found.names, found.scores, strict=True)) == {
        "text": 2,
        "age": 3,
        "tags": 9,
        "site": 4,
    }


def test_reversed_with_equal_scores():
    names = ("c", "a", "b", "d")
    found = Importance("field", names, np.array([1.0, 2, 2, 0]), "share", "shark")

    turned = reversed_order(found)

    assert turned.ranked == found.ranked[::-1]
    assert turned.method == "reversed shark"
    assert reversed_order(turned).ranked == found.ranked
