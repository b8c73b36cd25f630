"""Raw rows of a ranker, ready to be explained."""

import numpy as np
import polars as pl
import pytest

import fieldwise as fw
from fieldwise.errors import SchemaError
from fieldwise.explanation import (
    cross_features,
    field_importance,
    labelled_rows,
    permute_fields,
    ranker_rows,
    row_fields,
)
from fieldwise.scoring import score_batches

SMALL = {"embedding_dim": 4, "num_heads": 1, "num_neurons": 4, "hidden_dims": [8]}


@pytest.fixture(scope="module")
def log():
    random = np.random.default_rng(0)
    site = random.integers(0, 6, 600)
    return pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "hour": [f"h{code}" for code in random.integers(0, 8, 600)],
            "price": random.exponential(size=600),
            "click": (random.random(600) < (1 + site) / 7).astype(int),
        }
    )


@pytest.fixture(scope="module")
def ranker(log, tmp_path_factory):
    """Fitted, saved and loaded."""
    folder = tmp_path_factory.mktemp("ranker") / "armnet"
    fw.fit(
        log,
        label="click",
        model="armnet",
        model_arguments=SMALL,
        recipe={"num_epochs": 3, "batch_size": 64, "learning_rate": 1e-2},
        progress=False,
    ).save(folder)
    return fw.load(folder)


def test_batches_are_what_the_ranker_scores(ranker, log):
    batches = list(ranker_rows(ranker, log, batch_size=250))

    assert [len(batch) for batch in batches] == [250, 250, 100]
    np.testing.assert_allclose(
        score_batches(ranker.model, batches), ranker.score(log).logits, rtol=1e-5
    )


def test_a_loaded_ranker_tells_its_crosses(ranker, log):
    names = ranker.schema.names

    crosses = cross_features(ranker.model, ranker_rows(ranker, log), names)
    fields = field_importance(ranker.model, ranker_rows(ranker, log), names)

    assert crosses.scores.sum() == pytest.approx(1.0)
    assert crosses.details["count"].sum() == 600 * 4
    assert fields.names == names == ("site", "hour", "price")


def test_one_raw_row_is_explained(ranker, log):
    (batch,) = ranker_rows(ranker, log.row(0, named=True))

    found = row_fields(ranker.model, batch, 0, ranker.schema.names)

    assert len(found) == 3
    assert found.scores.sum() > 0


def test_labelled_rows_go_through_permutation(ranker, log):
    found = permute_fields(ranker.model, labelled_rows(ranker, log))

    assert found.ranked[0] == "site"


def test_missing_columns_are_named(ranker, log):
    with pytest.raises(SchemaError, match="site"):
        ranker_rows(ranker, log.drop("site"))
    with pytest.raises(SchemaError, match="click"):
        labelled_rows(ranker, log.drop("click"))
