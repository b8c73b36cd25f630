"""Runs of MLflow, read back by its own client."""

import sys

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient

from fieldwise.errors import MissingExtraError
from fieldwise.tracking import MLflowTracker


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return (tmp_path_factory.mktemp("mlflow") / "store").as_uri()


@pytest.fixture(scope="module")
def tracker(store):
    return MLflowTracker(store, experiment="clicks", run_name="first")


@pytest.fixture(scope="module")
def ranker(followed, tracker):
    return followed(tracker)


def test_settings_metrics_and_status(ranker, tracker, store):
    client = MlflowClient(store, store)

    run = client.get_run(tracker.run)

    assert run.info.status == "FINISHED"
    assert run.info.run_name == "first"
    assert client.get_experiment(run.info.experiment_id).name == "clicks"
    assert run.data.params["model.name"] == "lr"
    assert run.data.params["recipe.num_epochs"] == "3"
    found = {
        name: run.data.metrics[f"valid.{name}"] for name in ranker.metrics["valid"]
    }
    assert found == ranker.metrics["valid"]
    assert str(tracker) == f"MLflow run {tracker.run} in {store}"


def test_curves_have_a_point_per_epoch(ranker, tracker, store):
    client = MlflowClient(store, store)

    losses = client.get_metric_history(tracker.run, "train_loss")
    logloss = client.get_metric_history(tracker.run, "epoch_valid.logloss")

    epochs = ranker.info["history"]["epochs"]
    assert [point.step for point in losses] == [1, 2, 3]
    assert [point.value for point in losses] == [x["train_loss"] for x in epochs]
    assert [point.value for point in logloss] == [
        x["valid_metrics"]["logloss"] for x in epochs
    ]


def test_the_ranker_is_an_artifact_that_mlflow_loads(
    ranker, tracker, store, clicks, monkeypatch
):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)

    model = mlflow.pyfunc.load_model(f"runs:/{tracker.run}/ranker")

    np.testing.assert_array_equal(
        model.predict(clicks.to_pandas()), ranker.predict(clicks)
    )


def test_a_run_that_is_open_is_logged_to(followed, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    notebook = MlflowClient(store, store).create_experiment("notebook")

    with mlflow.start_run(experiment_id=notebook) as run:
        tracker = MLflowTracker()
        followed(tracker)
        status = MlflowClient(store, store).get_run(run.info.run_id).info.status

    assert tracker.run == run.info.run_id
    # It is ended by who has opened it.
    assert status == "RUNNING"
    assert "valid.auc" in MlflowClient(store, store).get_run(tracker.run).data.metrics


def test_a_failed_fit_is_a_failed_run(store, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "by environment")
    tracker = MLflowTracker(store)

    tracker.start({f"setting {number}": number for number in range(250)})
    tracker.close(complete=False)

    client = MlflowClient(store, store)
    run = client.get_run(tracker.run)
    assert run.info.status == "FAILED"
    assert len(run.data.params) == 250
    assert client.get_experiment(run.info.experiment_id).name == "by environment"


def test_names_and_values_that_mlflow_would_refuse(store):
    tracker = MLflowTracker(store)

    tracker.start({"model": {"Größe@1": "x" * 10_000}})
    tracker.close(complete=True)

    params = MlflowClient(store, store).get_run(tracker.run).data.params
    assert params == {"model.Gr__e_1": "x" * 500}


def test_a_store_that_is_away_costs_no_fit(followed, caplog, tmp_path):
    (tmp_path / "file").write_text("no folder", "utf-8")
    tracker = MLflowTracker((tmp_path / "file" / "store").as_uri())

    ranker = followed(tracker)

    assert ranker.metrics["valid"]["auc"] == 1.0
    assert "MLflowTracker failed and is told no more" in caplog.text
    assert tracker.run is None


def test_without_mlflow(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[mlflow\]'"):
        MLflowTracker()
