"""A small log with every kind of field, and a ranker fitted to it."""

import numpy as np
import polars as pl
import pytest

from fieldwise.fitting import fit
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.training import Recipe

FIELDS = (
    CategoricalField("site"),
    CategoricalField("user"),
    NumericField("price"),
    SequenceField("tags"),
    VectorField("text"),
)


@pytest.fixture(scope="session")
def log():
    """Three hundred rows; only ``site`` has nulls."""
    rng = np.random.default_rng(0)
    num_rows = 300
    site = rng.integers(0, 5, num_rows)
    return pl.DataFrame(
        {
            "site": [None if code == 4 else f"s{code}" for code in site],
            "user": 2**40 + rng.integers(0, 30, num_rows),
            "price": rng.exponential(3, num_rows),
            "tags": [rng.choice(["a", "b", "c"], k % 3).tolist() for k in site],
            "text": rng.normal(size=(num_rows, 3)).tolist(),
            "query": rng.integers(0, 60, num_rows),
            "weight": rng.uniform(0.5, 2, num_rows),
            "rating": site + rng.normal(size=num_rows),
            "click": (rng.random(num_rows) < (site + 1) / 7).astype(int),
        }
    )


@pytest.fixture(scope="session")
def fit_log(log):
    """Fit a ranker to the log, quickly."""

    def fit_log(*labels, model="lr", weight=None, group=None, fields=FIELDS, **given):
        schema = Schema(fields, labels or (Label("click"),), weight=weight, group=group)
        recipe = Recipe(num_epochs=2, batch_size=64, learning_rate=0.05)
        return fit(
            log, schema=schema, model=model, recipe=recipe, progress=False, **given
        )

    return fit_log


@pytest.fixture(scope="session")
def ranker(fit_log):
    """A small cross network."""
    small = {"embedding_dim": 4, "num_cross_layers": 1, "hidden_dims": (8,)}
    return fit_log(model="dcnv2", model_arguments=small)


@pytest.fixture(scope="session")
def both_labels(fit_log):
    """One binary label, one real one."""
    return fit_log(Label("click"), Label("rating"))
