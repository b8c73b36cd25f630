"""A small table with a field that says much, and a ranker fitted to it."""

import numpy as np
import polars as pl
import pytest

from fieldwise.fitting import fit


def small_table(num_rows=1200, seed=0):
    generator = np.random.default_rng(seed)
    site = generator.integers(0, 5, num_rows)
    noise = generator.integers(0, 3, num_rows)
    price = generator.gamma(2.0, 3.0, num_rows)
    clicks = generator.random(num_rows) < 1 / (1 + np.exp(2.5 - site))
    part = np.where(np.arange(num_rows) % 4 == 0, "test", "train")
    part[1::8] = "valid"
    return pl.DataFrame(
        {
            "site": [None if code == 0 else f"s{code}" for code in site],
            "noise": [f"n{code}" for code in noise],
            "price": [
                None if place % 10 == 0 else x for place, x in enumerate(price.tolist())
            ],
            "tags": [["a", "b"][: code % 3] for code in noise.tolist()],
            "part": part,
            "click": clicks.astype(int),
        }
    )


@pytest.fixture(scope="session")
def observed():
    """A ranker, and the encoded rows it was fitted on."""
    seen = []

    def observe(ranker, parts):
        copies = {
            name: rows.take(np.arange(len(rows)))
            for name, rows in parts.datasets.items()
        }
        seen.append((ranker, copies))

    fit(
        small_table(),
        label="click",
        model="lr",
        split="part",
        recipe={"num_epochs": 3, "batch_size": 64, "learning_rate": 0.1},
        observe=observe,
        progress=False,
    )
    return seen[0]
