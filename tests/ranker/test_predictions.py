"""Predictions of several chunks become those of all rows."""

import numpy as np
import polars as pl

from fieldwise.data.encoding import UnknownCounter
from fieldwise.ranker import Predictions


def part(values, *, num_items, num_unknown):
    array = np.array(values)
    counter = UnknownCounter({"tags": num_items}, {"tags": num_unknown})
    return Predictions(array, array - 1.0, counter, pl.DataFrame({"user": values}))


def test_join_by_hand():
    parts = [
        part([0.5], num_items=1, num_unknown=1),
        part([0.25, 0.75], num_items=7, num_unknown=1),
    ]

    found = Predictions.join(parts)

    assert found.values.tolist() == [0.5, 0.25, 0.75]
    assert found.logits.tolist() == [-0.5, -0.75, -0.25]
    # 2 of 8 items, however many rows hold them
    assert found.unknown_shares == {"tags": 0.25}
    assert found.kept is None
    assert len(found) == 3


def test_several_labels():
    both = Predictions(np.zeros((2, 3)), np.ones((2, 3)))

    found = Predictions.join([both, both])

    assert found.values.shape == found.logits.shape == (4, 3)
    assert found.unknown_shares == {}


def test_parts_stay_as_they_are():
    parts = [part([0.5], num_items=2, num_unknown=1)] * 2

    Predictions.join(parts)

    assert parts[0].unknown.num_values == {"tags": 2}
