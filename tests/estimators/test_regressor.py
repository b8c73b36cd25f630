"""The regressor."""

import numpy as np
import polars as pl
import pytest

from fieldwise.estimators import FieldwiseRegressor


@pytest.fixture(scope="module")
def settings():
    """Enough steps to come close."""
    return {"model": "lr", "learning_rate": 0.1, "recipe": {"batch_size": 32}}


@pytest.fixture(scope="module")
def ratings():
    random = np.random.default_rng(0)
    films = random.integers(0, 5, 400)
    X = pl.DataFrame({"film": films, "noise": random.normal(size=400)})
    return X, 3.0 + films + 0.1 * random.normal(size=400)


def test_numbers_come_in_the_unit_of_the_label(ratings, settings):
    X, y = ratings

    regressor = FieldwiseRegressor(**settings).fit(X, y)

    # Films differ by 1, rows of a film by a tenth.
    assert np.abs(regressor.predict(X) - y).mean() < 0.3
    assert regressor.score(X, y) > 0.9
    assert regressor.importance_.ranked[0] == "film"


def test_a_label_of_two_values_is_still_a_number(ratings, settings):
    X, _ = ratings
    y = np.where(X["film"].to_numpy() == 1, 10.0, 20.0)

    regressor = FieldwiseRegressor(**settings).fit(X, y)

    assert regressor.ranker_.schema.labels[0].kind == "real"
    assert regressor.score(X, y) > 0.9


def test_a_constant_label(ratings, settings):
    X, _ = ratings

    regressor = FieldwiseRegressor(**settings).fit(X, np.full(400, 2.5))

    np.testing.assert_allclose(regressor.predict(X), 2.5, atol=0.1)


def test_weights_pull(ratings, settings):
    X = ratings[0].select(pl.lit(1.0).alias("same"), pl.col("noise"))
    y = np.repeat([0.0, 1.0], 200)

    heavy = FieldwiseRegressor(**settings).fit(
        X, y, sample_weight=np.repeat([1.0, 9.0], 200)
    )

    assert heavy.predict(X).mean() > 0.7


def test_text_is_no_number(ratings):
    with pytest.raises(ValueError, match="could not convert string to float"):
        FieldwiseRegressor().fit(ratings[0], ["a"] * 400)
