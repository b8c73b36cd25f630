"""Six fields that tell something, each less than the one before, and fourteen none."""

import numpy as np
import polars as pl
import pytest

from fieldwise.search import field_curve
from tests.search.fixed_order import FixedOrder

QUICK = {"num_epochs": 3, "batch_size": 64, "learning_rate": 0.1}
INFORMATIVE = tuple(f"told{place}" for place in range(6))
NOISE = tuple(f"noise{place}" for place in range(14))
ORACLE = INFORMATIVE + NOISE
GRID = (2, 6, 12)


@pytest.fixture(scope="session")
def log():
    """A thousand rows; the columns stand in an order that tells nothing."""
    generator = np.random.default_rng(0)
    num_rows = 1000
    values = generator.integers(0, 4, (num_rows, len(ORACLE)))
    logits = np.zeros(num_rows)
    for place in range(len(INFORMATIVE)):
        logits += (1.2 - 0.15 * place) * (values[:, place] - 1.5)
    clicks = generator.random(num_rows) < 1 / (1 + np.exp(-logits))
    names = generator.permutation(ORACLE).tolist()
    columns = dict(zip(ORACLE, values.T, strict=True))
    part = ["train"] * 600 + ["valid"] * 150 + ["test"] * 250
    texts = {name: [f"v{code}" for code in columns[name]] for name in names}
    return pl.DataFrame({**texts, "part": part, "click": clicks.astype(int)})


@pytest.fixture(scope="session")
def run_curve(log):
    """A function: changed arguments of ``field_curve`` to its result."""

    def run(table=None, **changes):
        arguments = {
            "label": "click",
            "methods": {"oracle": FixedOrder(ORACLE)},
            "model": "lr",
            "k": GRID,
            "seeds": 1,
            "random_orders": 0,
            "split": "part",
            "recipe": QUICK,
            "calibration": "platt",
            "progress": False,
        }
        return field_curve(log if table is None else table, **arguments | changes)

    return run


@pytest.fixture(scope="session")
def curve_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("curve") / "curve"


@pytest.fixture(scope="session")
def curve(run_curve, curve_folder):
    """Curves of two seeds, and all controls."""
    return run_curve(seeds=2, random_orders=4, out=curve_folder)
