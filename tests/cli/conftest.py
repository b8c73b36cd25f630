"""A small table, and one run fitted on it for all tests of the command line."""

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from fieldwise.cli.main import app


def click_table(num_rows=400, seed=0):
    generator = np.random.default_rng(seed)
    site = generator.integers(0, 6, num_rows)
    price = generator.gamma(2.0, 3.0, num_rows)
    probability = 1 / (1 + np.exp(2.0 - site + 0.1 * price))
    return pl.DataFrame(
        {
            "request": [f"r{number}" for number in range(num_rows)],
            "site": [f"s{value}" for value in site],
            "price": price,
            "click": (generator.random(num_rows) < probability).astype(int),
        }
    )


def run_command(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def command():
    """Run the command line in this process."""
    return run_command


@pytest.fixture(scope="session")
def clicks(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "clicks.parquet"
    click_table().write_parquet(path)
    return path


@pytest.fixture(scope="session")
def run_folder(clicks):
    folder = clicks.parent / "runs" / "clicks"
    result = run_command(
        *("fit", clicks, "--label", "click", "--model", "lr", "--out", folder),
        *("--ignore", "request"),
        *("--set", "recipe.num_epochs=2", "--set", "fields.site.min_count=3"),
    )
    assert result.exit_code == 0, result.output
    return folder
