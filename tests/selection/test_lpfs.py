"""Fields ranked by polarizing gates."""

import numpy as np
import pytest

from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.lpfs import rank_by_lpfs
from fieldwise.training import Recipe
from tests.selection.planted import planted

QUICK = Backbone(
    recipe=Recipe(learning_rate=5e-3, batch_size=256, num_epochs=6, monitor="logloss")
)


@pytest.mark.parametrize("plus", [False, True])
def test_a_penalty_no_field_is_worth_drops_all_of_them(plus):
    data = planted(num_rows=1000)

    found = rank_by_lpfs(data, backbone=QUICK, plus=plus, penalty=500.0)

    assert found.scores.tolist() == [0.0] * 20
    assert found.details["position"].tolist() == [0.0] * 20
    assert found.above(0.0).kept == ()


@pytest.mark.parametrize("plus", [False, True])
def test_without_a_penalty_nothing_is_dropped(plus):
    found = rank_by_lpfs(planted(num_rows=1000), backbone=QUICK, plus=plus, penalty=0.0)

    assert len(found.above(0.0)) == 20
    assert found.method == ("LPFS++" if plus else "LPFS")


def test_scores_are_sizes_of_gates():
    found = rank_by_lpfs(planted(num_rows=1000), backbone=QUICK, plus=False)

    squares = found.details["position"] ** 2
    # Fewer than a hundred steps: the smoothing is what it was.
    np.testing.assert_allclose(found.scores, squares / (squares + 0.1), rtol=1e-5)


def test_a_penalty_is_not_negative():
    with pytest.raises(ValueError, match="penalty must be zero or positive, got -1"):
        rank_by_lpfs(planted(num_rows=100), penalty=-1.0)
