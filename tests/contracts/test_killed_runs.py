"""kill -9 a fit, run the same command again: the same bits come out.

Failure 4 of other libraries, second half. Real processes, real signals.
"""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest

# The command line with a checkpoint after every step instead of every ten seconds.
COMMAND = """
import functools, sys
import fieldwise.fitting as fitting
fitting.Trainer = functools.partial(fitting.Trainer, checkpoint_seconds=0.0)
from fieldwise.cli.main import main
main()
"""
SETTINGS = (
    *("--label", "click", "--model", "dcnv2", "--set", "model.embedding_dim=4"),
    *("--set", "model.hidden_dims=[8]", "--set", "recipe.num_epochs=6"),
    *("--set", "recipe.batch_size=64", "--set", "recipe.patience=2"),
)
CLOCKS = ("seconds", "rows_per_second")


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    rng = np.random.default_rng(0)
    site = rng.integers(0, 40, 3000)
    path = tmp_path_factory.mktemp("log") / "clicks.parquet"
    pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "price": rng.exponential(size=3000),
            "user": [f"u{code}" for code in rng.integers(0, 500, 3000)],
            "click": (rng.random(3000) < (site + 1) / 60).astype(int),
        }
    ).write_parquet(path)
    return path


def command(clicks, out):
    return [
        *(sys.executable, "-c", COMMAND, "fit", str(clicks), *SETTINGS),
        *("--out", str(out)),
    ]


def run(clicks, out):
    done = subprocess.run(
        command(clicks, out), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def written(folder):
    return [path.stat().st_mtime_ns for path in folder.glob("*/*.safetensors")]


def kill_in_training(clicks, out, folder, seconds):
    """Wait for a new checkpoint, let the run go on for a moment, and kill it."""
    before = written(folder)
    with subprocess.Popen(
        command(clicks, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while written(folder) == before:
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def results(folder):
    """All that training decides, without clocks."""
    ranker = folder / "ranker"
    history = json.loads((folder / "history.json").read_text("utf-8"))
    for record in history["epochs"]:
        for clock in CLOCKS:
            del record[clock]
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    names = ("weights.safetensors", "calibrator.json")
    return [(ranker / name).read_bytes() for name in names], history, metrics


def test_a_killed_fit_goes_on_and_ends_with_the_same_bits(
    clicks, tmp_path, monkeypatch
):
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    checkpoints = tmp_path / "cache" / "checkpoints"
    run(clicks, whole)

    for seconds in (0.05, 0.5):
        kill_in_training(clicks, torn, checkpoints, seconds)
        assert not torn.exists()
    run(clicks, torn)

    assert "resumed in epoch" in (torn / "log.txt").read_text("utf-8")
    assert results(torn) == results(whole)
    assert list(checkpoints.iterdir()) == []
