"""On a planted table every explanation hurts more than random orders do."""

import pytest

from benchmarks.explanation.areas import measure_areas, random_areas
from benchmarks.explanation.explainers import EXPLAINERS, Explained
from fieldwise.explanation import (
    explain,
    labelled_rows,
    prepare_background,
)
from fieldwise.fitting import fit
from tests.explanation.planted import planted_frame


@pytest.fixture(scope="module")
def explained():
    frame = planted_frame(4000)
    ranker = fit(
        frame,
        label="click",
        model="deepfm",
        model_arguments={"embedding_dim": 4, "hidden_dims": (16,)},
        recipe={"num_epochs": 6, "learning_rate": 0.02, "batch_size": 256},
    )
    rows = frame.head(60)
    found = explain(ranker, rows, background=prepare_background(ranker, frame))
    return Explained(
        found, labelled_rows(ranker, rows), labelled_rows(ranker, frame.tail(1000))
    )


@pytest.fixture(scope="module")
def random(explained):
    labels = explained.rows.labels[:, 0].astype(float)
    model, rows = explained.found.background.model, explained.found.rows
    return random_areas(model, rows, labels, num_orders=10, seed=0)


NAMES = [name for name in EXPLAINERS if not name.startswith(("attention", "powers"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_order_is_better_than_every_random_one(explained, random, name):
    labels = explained.rows.labels[:, 0].astype(float)
    model, rows = explained.found.background.model, explained.found.rows

    found = measure_areas(model, rows, labels, EXPLAINERS[name](explained))

    assert found.area > max(one.area for one in random)
    if name.endswith("of each row"):
        assert found.log_loss > max(one.log_loss for one in random)


def test_other_explainers_have_no_rule_for_it(explained):
    for name in set(EXPLAINERS) - set(NAMES):
        with pytest.raises(ValueError, match="model must have"):
            EXPLAINERS[name](explained)
