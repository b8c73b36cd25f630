"""Rankers written as one file."""

import jaxtyping
import numpy as np
import onnxruntime
import polars as pl
import pytest

from fieldwise.ranker import Ranker


@pytest.fixture(autouse=True)
def traceable(monkeypatch):
    """The checks of shapes in this test run would pin the number of rows."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


def test_file_is_checked_and_written(command, run_folder, clicks, tmp_path):
    file = tmp_path / "model.onnx"

    result = command(
        *("export", run_folder, file, "--rows", clicks, "--embeddings", "float16")
    )

    assert result.exit_code == 0, result.output
    agrees, rounded, losses, size, saved = result.output.splitlines()
    assert agrees.startswith("agrees with the ranker on 400 rows: max difference ")
    assert rounded.startswith(
        "rounded: linear.weights.table; probabilities move by up to "
    )
    assert losses.startswith("auc 0.")
    assert ", log_loss 0." in losses
    assert size.endswith(" s")
    assert saved == f"saved: {file}"
    table = pl.read_parquet(clicks)
    (found,) = onnxruntime.InferenceSession(file).run(
        ["probability"],
        {
            "site": table["site"].to_numpy().astype(object),
            "price": table["price"].to_numpy(),
        },
    )
    ranker = Ranker.load(run_folder / "ranker")
    np.testing.assert_allclose(found, ranker.predict(table), atol=1e-3)


def test_program_of_torch(command, run_folder, tmp_path):
    file = tmp_path / "model.pt2"

    result = command("export", run_folder, file)

    assert result.exit_code == 0, result.output
    assert "on 2,000 drawn rows" in result.output
    assert file.is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["model.txt"], "the ending of path must be one of '.onnx', '.pt2'"),
        (["model.pt2", "--embeddings", "int8"], "must be 'float32', got 'int8'"),
        (["there.onnx"], "path must not exist"),
    ],
)
def test_what_cannot_be_written(
    command, run_folder, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.onnx").write_text("mine")

    result = command("export", run_folder, *arguments)

    assert result.exit_code == 2
    assert message in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["there.onnx"]
    assert (tmp_path / "there.onnx").read_text() == "mine"
