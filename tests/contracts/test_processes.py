"""``torchrun -m fieldwise fit``: two real processes give what one gives."""

import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import fieldwise as fw

SETTINGS = (
    *("--label", "click", "--model", "deepfm", "--set", "model.embedding_dim=4"),
    # Each process drops other activations, so without dropout only they are equal.
    *("--set", "model.hidden_dims=[8]", "--set", "model.dropout=0.0"),
    *("--set", "recipe.num_epochs=3", "--set", "recipe.batch_size=64"),
    *("--set", "recipe.precision=float32"),
)
TORCHRUN = (
    *("-m", "torch.distributed.run", "--nproc-per-node", "2"),
    *("--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"),
)


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    rng = np.random.default_rng(0)
    site = rng.integers(0, 40, 1500)
    path = tmp_path_factory.mktemp("log") / "clicks.parquet"
    pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "price": rng.exponential(size=1500),
            "tags": [rng.choice(["a", "b", "c"], k % 3).tolist() for k in site],
            "click": (rng.random(1500) < (site + 1) / 60).astype(int),
        }
    ).write_parquet(path)
    return path


def run(*arguments):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def one(clicks, tmp_path_factory):
    """The run folder of a single process."""
    folder = tmp_path_factory.mktemp("runs") / "one"
    run("-m", "fieldwise", "fit", clicks, *SETTINGS, "--no-cache", "--out", folder)
    return folder


@pytest.mark.parametrize("options", [(), ("--no-cache",)])
def test_two_processes_fit_what_one_fits(clicks, one, tmp_path, monkeypatch, options):
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    two = tmp_path / "two"

    done = run(
        *(*TORCHRUN, "-m", "fieldwise", "fit", clicks, *SETTINGS),
        *(*options, "--out", two),
    )

    assert done.stdout.count("saved: ") == 1
    rankers = [fw.load(folder / "ranker") for folder in (one, two)]
    table = pl.read_parquet(clicks)
    single, double = (ranker.predict(table) for ranker in rankers)
    np.testing.assert_allclose(double, single, atol=1e-4)
    histories = [
        json.loads((folder / "history.json").read_text("utf-8"))["epochs"]
        for folder in (one, two)
    ]
    for record, its_twin in zip(*histories, strict=True):
        assert its_twin["valid_metrics"] == pytest.approx(
            record["valid_metrics"], rel=1e-4
        )
        assert its_twin["train_loss"] == pytest.approx(record["train_loss"], rel=1e-5)
