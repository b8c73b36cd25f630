"""How far values moved, beside counts of whole vocabularies."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.diagnosis.divergence import jensen_shannon
from fieldwise.schema import CategoricalField, Schema
from fieldwise.serving.server.value_drift import movements, training_counts


@pytest.fixture
def encoder():
    counts = pl.DataFrame({"value": range(3000), "count": range(3000, 0, -1)})
    vocabulary = Vocabulary.from_counts(counts, "int", min_count=1, dropped=50)
    field = CategoricalField("user", num_features=3001, value_type="int")
    return Encoder(Schema((field,)), {"user": vocabulary})


def test_the_rest_of_a_vocabulary_is_one_value(encoder):
    found = training_counts(encoder)["user"]

    assert found[0] == 50
    assert found[1:4].tolist() == [3000, 2999, 2998]
    # Values 1001 to 3000 have the counts 2000 down to 1.
    assert found[1001] == 2000 * 2001 // 2
    assert found.sum() == encoder.vocabularies["user"].counts.sum()


def test_movement_is_told_from_chance(encoder):
    before = training_counts(encoder)
    shares = before["user"] / before["user"].sum()
    random = np.random.default_rng(0)
    same = random.multinomial(5000, shares)
    moved = random.multinomial(5000, np.roll(shares, 1))

    found = movements(before, {"user": same})["user"]
    far = movements(before, {"user": moved})["user"]

    assert found.divergence == jensen_shannon(before["user"], same)
    assert found.divergence <= found.chance
    assert far.divergence > far.chance
    assert far.stability_index > found.stability_index


def test_nothing_is_said_of_nothing(encoder):
    before = training_counts(encoder)

    assert movements(before, {"user": np.zeros(1002, dtype=np.int64)}) == {}
