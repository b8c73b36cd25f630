"""Fields ranked by gates that learn from held-out rows."""

import numpy as np

from fieldwise.selection.autofield import rank_by_autofield
from fieldwise.selection.gated_model import Backbone
from fieldwise.training import Recipe
from tests.selection.planted import planted

QUICK = Backbone(
    recipe=Recipe(learning_rate=5e-3, batch_size=256, num_epochs=6, monitor="logloss")
)


def test_the_rarer_the_steps_the_closer_to_the_start():
    data = planted(num_rows=1000)

    often, rarely = (
        rank_by_autofield(data, backbone=QUICK, every=every) for every in (1, 4)
    )
    never = rank_by_autofield(data, backbone=QUICK, every=1000)

    assert np.abs(rarely.scores).max() < np.abs(often.scores).max()
    assert never.scores.tolist() == [0.0] * 20
