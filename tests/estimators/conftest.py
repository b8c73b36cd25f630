"""A small table, and an estimator fitted to it."""

import numpy as np
import polars as pl
import pytest

from fieldwise.estimators import FieldwiseClassifier

SETTINGS = {"model": "lr", "learning_rate": 0.1, "num_epochs": 20}


@pytest.fixture(scope="session")
def settings():
    """Parameters of a fast fit."""
    return SETTINGS


@pytest.fixture(scope="session")
def clicks():
    """Names, numbers with gaps, lists, and a constant; and labels that they tell."""
    random = np.random.default_rng(0)
    sites = random.choice(["a", "b", "c", "d"], 300)
    prices = random.normal(size=300)
    tags = [["x", "y"][: 1 + place % 2] for place in range(300)]
    X = pl.DataFrame(
        {
            "site": sites,
            "price": np.where(random.random(300) < 0.1, np.nan, prices),
            "tags": tags,
            "constant": "same",
        }
    )
    y = np.where((sites == "a") | (prices > 1), "click", "none")
    return X, y


@pytest.fixture(scope="session")
def classifier(clicks):
    """A classifier fitted to the clicks."""
    return FieldwiseClassifier(**SETTINGS).fit(*clicks)
