"""Metrics of a saved ranker."""

import json

import polars as pl
import pytest

from fieldwise.ranker import Ranker


@pytest.mark.parametrize("inner", [".", "ranker"])
def test_table(command, run_folder, clicks, inner):
    result = command("evaluate", run_folder / inner, clicks)

    metrics = Ranker.load(run_folder / "ranker").evaluate(clicks)
    lines = [line.split() for line in result.output.splitlines()]
    assert ["num_rows", "400"] in lines
    assert ["AUC", f"{metrics['auc']:.5f}"] in lines


def test_json(command, run_folder, clicks):
    result = command("evaluate", run_folder, clicks, "--json")

    assert json.loads(result.output) == Ranker.load(run_folder / "ranker").evaluate(
        clicks
    )


def test_several_files(command, run_folder, clicks):
    result = command("evaluate", run_folder, clicks, clicks, "--json")

    assert json.loads(result.output)["num_rows"] == 800


def test_no_ranker(command, tmp_path, clicks):
    result = command("evaluate", tmp_path, clicks)

    assert result.exit_code == 2
    assert "must hold ranker.json" in result.stderr


def test_no_label(command, run_folder, clicks, tmp_path):
    pl.read_parquet(clicks).drop("click").write_csv(tmp_path / "x.csv")

    result = command("evaluate", run_folder, tmp_path / "x.csv")

    assert result.exit_code == 2
    assert "'click'" in result.stderr
