"""``fieldwise curve``: the table it prints, the folder it leaves, its errors."""

import json

import polars as pl
import pytest

from fieldwise.selection.rankers import RANKERS

COMMON = ("--label", "click", "--model", "lr", "--ignore", "request")
QUICK = ("--set", "recipe.num_epochs=1", "--random-orders", 1, "--seeds", 1)


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def wide_clicks(in_folder):
    """The table of this folder's tests, with two columns of noise."""

    def write(clicks):
        table = pl.read_parquet(clicks).with_columns(
            noise=pl.col("request").hash(1) % 5, more=pl.col("request").hash(2) % 3
        )
        table.with_columns(
            pl.format("n{}", "noise").alias("noise"),
            pl.format("m{}", "more").alias("more"),
        ).write_parquet("wide.parquet")
        return "wide.parquet"

    return write


def test_table_and_folder(command, clicks, wide_clicks, in_folder):
    data = wide_clicks(clicks)
    result = command("curve", data, *COMMON, *QUICK, "--methods", "lasso", "--k", "1,2")

    folder = in_folder / "runs" / "wide-curve"
    lines = result.stdout.splitlines()
    assert result.exit_code == 0, result.output
    assert lines[0] == "AUKC on the test rows"
    assert {"lasso", "random", "cardinality", "reversed"} <= set(result.stdout.split())
    assert "saved: runs/wide-curve/curve.md" in lines
    assert lines[-1].startswith(
        "next:  fieldwise fit DATA --label LABEL --select lasso"
    )
    points = pl.read_parquet(folder / "points.parquet")
    assert sorted(points["k"].unique()) == [1, 2, 4]
    log = (folder / "log.txt").read_text("utf-8")
    assert "ranking by lasso, seed 0: " in log
    assert "fit 1 of " in result.stderr
    assert "epoch 1" not in result.stderr


def test_again_makes_nothing(command, clicks, wide_clicks, in_folder):
    data = wide_clicks(clicks)
    arguments = ("curve", data, *COMMON, *QUICK, "--methods", "lasso", "--k", "2")
    command(*arguments)

    again = command(*arguments)

    assert again.exit_code == 0, again.output
    assert "fit 1 of" not in again.stderr
    assert "ranking by" not in again.stderr


@pytest.mark.parametrize(
    ("options", "curve", "arguments"),
    [
        ((), {"model": "deepfm", "small": True}, {}),
        (
            ("--set", "model.embedding_dim=3"),
            {"model": "deepfm", "small": True},
            {"embedding_dim": 3},
        ),
        (("--model", "fm"), {"model": "fm", "small": False}, {}),
    ],
)
def test_what_is_trained(command, clicks, in_folder, options, curve, arguments):
    few = ("--random-orders", "0", "--seeds", "1", "--k", "1")
    given = (
        "--label",
        "click",
        "--ignore",
        "request",
        *few,
        *options,
        "--set",
        "recipe.num_epochs=1",
    )

    result = command("curve", clicks, *given, "--methods", "lasso")

    assert result.exit_code == 0, result.output
    folder = in_folder / "runs" / "clicks-curve"
    identity = json.loads((folder / "comparison.json").read_bytes())["identity"]
    assert identity["curve"] == curve
    assert identity["model"] == {curve["model"]: arguments}


def test_the_methods_are_named(command, in_folder):
    result = command("curve", "--methods", "help")

    assert result.exit_code == 0, result.output
    assert all(name in result.stdout for name in RANKERS)


def test_what_is_impossible(command, clicks, in_folder):
    unknown = command("curve", clicks, *COMMON, "--methods", "lassso")
    too_many = command("curve", clicks, *COMMON, "--methods", "lasso", "--k", "9")
    chosen = ("--set", "selection.method=lasso", "--set", "selection.fields=1")
    selected = command("curve", clicks, *COMMON, "--methods", "lasso", *chosen)

    assert [each.exit_code for each in (unknown, too_many, selected)] == [2, 2, 2]
    assert "methods must be among outrank, lasso, " in unknown.stderr
    assert "up to 2, which the table has, got [9]" in too_many.stderr
    assert "--set: [selection] must be left out" in selected.stderr
    assert not (in_folder / "runs" / "clicks-curve").exists()
