"""Fields ranked by the weights of a controller."""

import numpy as np
import pytest

from fieldwise.selection.adafs import rank_by_adafs
from fieldwise.selection.gated_model import Backbone
from fieldwise.training import Recipe
from tests.selection.planted import planted

QUICK = Recipe(
    learning_rate=2e-3,
    batch_size=256,
    num_epochs=5,
    monitor="logloss",
    network_l2=0.1,
)


def test_weights_of_a_row_add_up_to_one():
    found = rank_by_adafs(planted(num_rows=1000), backbone=Backbone(recipe=QUICK))

    assert found.scores.sum() == pytest.approx(1.0, abs=1e-5)
    assert (found.scores > 0).all()
    deviation = found.details["deviation"]
    assert (deviation > 0).all()
    assert np.isfinite(deviation).all()


def test_there_must_be_a_first_epoch_without_it():
    with pytest.raises(ValueError, match="pretraining_epochs must be positive, got 0"):
        rank_by_adafs(planted(num_rows=100), pretraining_epochs=0)
