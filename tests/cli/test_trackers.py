"""``fieldwise fit --track``."""

import sys

import pytest
from mlflow import MlflowClient
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

QUICK = ("--model", "lr", "--set", "recipe.num_epochs=2", "--ignore", "request")
LEAN = ("--label", "click", "--no-report", "--no-cache")


def test_fit_is_told_to_both(command, clicks, tmp_path, monkeypatch):
    store = (tmp_path / "store").as_uri()
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    out = tmp_path / "runs" / "clicks"
    tools = ("--track", "mlflow", "--track", "tensorboard")

    result = command("fit", clicks, *LEAN, *QUICK, *tools, "--out", out)

    assert result.exit_code == 0, result.output
    board = tmp_path / "runs" / "tensorboard" / "clicks"
    told = result.stdout.replace("\n", "")
    assert f"tracked: TensorBoard in {board}" in told
    events = EventAccumulator(str(board))
    events.Reload()
    assert len(events.Scalars("loss/train")) == 2
    client = MlflowClient(store, store)
    experiment = client.get_experiment_by_name("fieldwise")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_name == "clicks"
    assert f"tracked: MLflow run {run.info.run_id}" in told


def test_a_tool_that_failed_is_not_said_to_have_followed(
    command, clicks, tmp_path, monkeypatch
):
    (tmp_path / "file").write_text("no folder", "utf-8")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "file" / "x").as_uri())
    out = tmp_path / "run"

    result = command("fit", clicks, *LEAN, *QUICK, "--track", "mlflow", "--out", out)

    assert result.exit_code == 0, result.output
    assert "MLflowTracker failed and is told no more" in result.stderr
    assert "tracked:" not in result.stdout
    assert (out / "ranker" / "ranker.json").is_file()


def test_unknown_tools_are_refused_before_anything(command, tmp_path):
    result = command("fit", tmp_path / "none", *LEAN, "--track", "wandb")

    assert result.exit_code == 2
    assert "--track must be one of mlflow, tensorboard, got ['wandb']" in " ".join(
        result.stderr.split()
    )


@pytest.mark.parametrize(
    ("tool", "module"),
    [("mlflow", "mlflow"), ("tensorboard", "torch.utils.tensorboard")],
)
def test_a_missing_extra_is_told_first(command, tmp_path, monkeypatch, tool, module):
    monkeypatch.setitem(sys.modules, module, None)

    result = command("fit", tmp_path / "none", *LEAN, "--track", tool)

    assert result.exit_code == 2
    assert f"pip install 'fieldwise[{tool}]'" in " ".join(result.stderr.split())
