"""A small log, and results that were not fitted but made up."""

import numpy as np
import polars as pl
import pytest

from fieldwise.comparison.finished_fit import FinishedFit
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import combine_metrics
from fieldwise.comparison.plan import Job, Plan
from fieldwise.metrics.summary import summarise
from fieldwise.training import FitSettings

QUICK = {"num_epochs": 1, "batch_size": 64, "learning_rate": 0.05}


@pytest.fixture(scope="session")
def log():
    """Four hundred clicks; ``site`` decides, ``price`` is noise."""
    rng = np.random.default_rng(0)
    num_rows = 400
    site = rng.integers(0, 6, num_rows)
    return pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "price": rng.normal(size=num_rows),
            "user": [f"u{code}" for code in rng.integers(0, 60, num_rows)],
            "weight": rng.uniform(0.5, 2, num_rows),
            "rating": site + rng.normal(size=num_rows),
            "part": ["train"] * 240 + ["valid"] * 60 + ["test"] * 100,
            "paid": (rng.random(num_rows) < (site + 1) / 20).astype(int),
            "click": (rng.random(num_rows) < (site + 1) / 8).astype(int),
        }
    )


@pytest.fixture
def measured():
    """A function: labels, and optionally weights and groups, to measured rows."""

    def make(*labels, kinds=("binary",), weights=None, groups=None):
        columns = np.stack(labels, axis=1).astype(float)
        names = tuple(f"label{task}" for task in range(len(labels)))
        return MeasuredRows(columns, tuple(kinds), names, weights, groups)

    return make


@pytest.fixture
def made_up():
    """A function: rows, and values by (model, seed), to a plan and finished fits."""

    def make(rows, values, *, parameters=100, seconds=1.0):
        models = list(dict.fromkeys(model for model, _ in values))
        seeds = {seed for _, seed in values}
        fits = []
        for (model, seed), given in values.items():
            said = np.asarray(given, dtype=np.float32).reshape(len(rows), -1)
            metrics = {
                name: summarise(
                    rows.labels[:, task],
                    said[:, task].astype(float),
                    kind=rows.kinds[task],
                    weights=rows.weights,
                )
                for task, name in enumerate(rows.names)
            }
            one = metrics[rows.names[0]] if len(metrics) == 1 else metrics
            measures = combine_metrics(one, rows.names)
            record = {
                "measures": measures,
                "valid_measures": measures,
                "parameters": parameters * (models.index(model) + 1),
                "seconds": seconds,
                "num_epochs": 3,
                "best_epoch": 2,
            }
            fits.append(FinishedFit(Job(seed, model), said, record))
        plan = Plan({model: FitSettings(model=model) for model in models}, len(seeds))
        return plan, fits

    return make
