"""kill -9 a comparison in the middle of a fit, run it again: the same bits come out."""

import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest

# A checkpoint after every step instead of every ten seconds.
PROGRAM = """
import functools, sys
import fieldwise as fw
import fieldwise.fitting as fitting
fitting.Trainer = functools.partial(fitting.Trainer, checkpoint_seconds=0.0)
fw.compare(
    sys.argv[1], label="click", models="lr,dcnv2", seeds=2, out=sys.argv[2], test=0.1,
    cache=sys.argv[2] + "-cache", progress=False,
    recipe={"num_epochs": 5, "batch_size": 64},
    model_arguments={"dcnv2": {"embedding_dim": 4, "hidden_dims": [8]}},
)
"""


@pytest.fixture(scope="module")
def clicks(tmp_path_factory):
    rng = np.random.default_rng(0)
    site = rng.integers(0, 40, 2000)
    path = tmp_path_factory.mktemp("log") / "clicks.parquet"
    pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "user": [f"u{code}" for code in rng.integers(0, 300, 2000)],
            "click": (rng.random(2000) < (site + 1) / 60).astype(int),
        }
    ).write_parquet(path)
    return path


def command(clicks, out):
    return [sys.executable, "-c", PROGRAM, str(clicks), str(out)]


def run(clicks, out):
    done = subprocess.run(
        command(clicks, out), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def kill_in(fit, clicks, out):
    """Wait until a fit has a state, let it go on for a moment, and kill it."""
    with subprocess.Popen(
        command(clicks, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not list((out / "unfinished" / fit).glob("*.safetensors")):
            assert process.poll() is None
            time.sleep(0.005)
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def results(folder):
    """All that is decided by the fits, without clocks."""
    runs = pl.read_parquet(folder / "runs.parquet").drop("seconds")
    said = {path.name: pl.read_parquet(path) for path in (folder / "fits").iterdir()}
    return runs.to_dicts(), {name: said[name].rows() for name in sorted(said)}


def test_killed_twice(clicks, tmp_path):
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    run(clicks, whole)

    kill_in("dcnv2-0", clicks, torn)
    first = (torn / "fits" / "lr-0.parquet").stat().st_mtime_ns
    assert not (torn / "fits" / "dcnv2-0.parquet").exists()
    kill_in("dcnv2-1", clicks, torn)
    run(clicks, torn)

    assert results(torn) == results(whole)
    assert (torn / "fits" / "lr-0.parquet").stat().st_mtime_ns == first
    assert not (torn / "unfinished").exists()
