"""A small table, and a fit of it that is followed."""

import warnings

import polars as pl
import pytest

from fieldwise.fitting import fit


@pytest.fixture(scope="session", autouse=True)
def local_mlflow():
    """MLflow that calls nobody and takes a folder as its store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        patch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        with warnings.catch_warnings():
            # It warns of its own type hints when it is imported.
            warnings.simplefilter("ignore")
            import mlflow.pyfunc  # noqa: F401
        yield


@pytest.fixture(scope="session")
def clicks():
    sites = ["a", "b", "c", "d"] * 50
    return pl.DataFrame({"site": sites, "click": [1, 0, 0, 0] * 50})


@pytest.fixture(scope="session")
def followed(clicks):
    """A function: trackers, and other arguments, to the ranker they followed."""

    def run(*trackers, **arguments):
        settings = {"recipe": {"num_epochs": 3}, "model": "lr", **arguments}
        return fit(clicks, label="click", trackers=trackers, **settings)

    return run
