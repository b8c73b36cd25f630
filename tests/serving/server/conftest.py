"""One small ranker with every kind of field, and servers that answer with it."""

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
from fieldwise.serving.server.served import load_served
from fieldwise.training import Recipe
from tests.serving.server.running import running

SITES = ["a", "🦜 ara", "", "ü/../x"]
FIELDS = (
    CategoricalField("site"),
    CategoricalField("user"),
    CategoricalField("mobile"),
    NumericField("price"),
    NumericField("hour", "quantile", num_buckets=4),
    SequenceField("tags"),
    VectorField("text"),
)


def table(num_rows=300, seed=0):
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 5, num_rows)
    price = rng.exponential(3, num_rows)
    return pl.DataFrame(
        {
            "site": [None if code == 4 else SITES[code] for code in site],
            # Beyond 2 ** 53: a number of JavaScript could not tell them apart.
            "user": 2**60 + rng.integers(0, 30, num_rows),
            "mobile": rng.random(num_rows) < 0.5,
            "price": pl.Series(price).set(pl.Series(price > 8), None),
            "hour": rng.integers(0, 24, num_rows),
            "tags": [rng.choice(["a", "b", "c"], k % 3).tolist() for k in site],
            "text": rng.normal(size=(num_rows, 3)).tolist(),
            "rating": site + rng.normal(size=num_rows),
            "click": (rng.random(num_rows) < (site + 1) / 7).astype(int),
        }
    )


def fitted(log, *labels, seed=0):
    recipe = Recipe(num_epochs=2, batch_size=64, learning_rate=0.05, seed=seed)
    return fit(
        log,
        schema=Schema(FIELDS, labels or (Label("click"),)),
        model="dcnv2",
        model_arguments={
            "embedding_dim": 4,
            "num_cross_layers": 1,
            "hidden_dims": (8,),
        },
        recipe=recipe,
        progress=False,
    )


@pytest.fixture(scope="session")
def log():
    return table()


@pytest.fixture(scope="session")
def ranker(log):
    return fitted(log)


@pytest.fixture(scope="session")
def other_ranker(log):
    """Of the same fields; says something else of every row."""
    return fitted(log.with_columns(click=1 - pl.col("click")), seed=1)


@pytest.fixture(scope="session")
def both_labels(log):
    return fitted(log, Label("click"), Label("rating"))


@pytest.fixture(scope="session")
def folders(ranker, both_labels, tmp_path_factory):
    """Folders of the saved rankers."""
    folder = tmp_path_factory.mktemp("served")
    ranker.save(folder / "clicks")
    both_labels.save(folder / "both")
    return folder


@pytest.fixture(scope="session")
def served(folders):
    """The small ranker, ready to answer in this process."""
    return load_served("clicks", folders / "clicks")


@pytest.fixture(scope="session")
def server(folders):
    """A running server of both rankers, with the usual limits."""
    with running(folders / "clicks", f"two={folders / 'both'}") as running_server:
        yield running_server


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture(scope="session")
def rows(log):
    """Rows as JSON says them, odd ones among them."""
    found = log.drop("rating", "click").head(60).to_dicts()
    found[1]["site"] = "never seen"
    found[2]["site"] = "👩‍👩‍👧"
    found[3]["user"] = 2**63 - 1
    found[4]["user"] = -(2**63)
    found[5] |= dict.fromkeys(found[5])
    found[6]["tags"] = []
    found[7]["tags"] = [None, "a", "new"]
    found[8]["text"] = [None, 1.0, 2.0]
    found[9]["price"] = -1e300
    found[10]["hour"] = 10**30
    return found
