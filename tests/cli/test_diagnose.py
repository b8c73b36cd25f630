"""Diagnosis of a saved ranker from the command line."""

import json

import polars as pl
import pytest

from tests.cli.conftest import run_command


@pytest.fixture(scope="module")
def tower(clicks):
    folder = clicks.parent / "runs" / "tower"
    result = run_command(
        *("fit", clicks, "--label", "click", "--model", "dnn", "--out", folder),
        *("--ignore", "request", "--set", "recipe.num_epochs=1"),
        *("--set", "model.hidden_dims=[8, 8]"),
    )
    assert result.exit_code == 0, result.output
    return folder


def test_every_part_is_told(command, tower, clicks):
    result = command("diagnose", tower, clicks)

    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.output.splitlines()]
    assert lines[0] == "400 rows"
    assert lines[1].startswith("calibration of click: error 0.")
    assert lines[1].endswith(" by chance")
    assert "click by segment" in lines
    assert sum(line.startswith("s") for line in lines) >= 6  # of the sites
    assert "fields relied on too much" in lines
    assert "layers" in lines
    assert any(line.startswith("tower.deep.layers.") for line in lines)


def test_json_has_what_the_tables_say(command, tower, clicks):
    found = json.loads(command("diagnose", tower, clicks, "--json").stdout)

    assert (found["part"], found["num_rows"]) == ("given", 400)
    assert [segment["field"] for segment in found["segments"]] == ["site"]
    assert sum(line["num_rows"] for line in found["segments"][0]["lines"]) == 400
    assert sum(found["reliability"]["click"]["after"]["weight"]) == pytest.approx(400)
    assert set(found["overuse"]["names"]) == {"site", "price"}
    (layers,) = found["layers"]
    assert len(layers["names"]) == len(layers["similarity"]) == 3


def test_a_linear_model_has_no_layers(command, run_folder, clicks):
    result = command("diagnose", run_folder, clicks)

    assert result.exit_code == 0, result.output
    assert "by segment" in result.output
    assert "layers" not in result.output


def test_rows_without_labels_are_refused(command, run_folder, clicks, tmp_path):
    path = tmp_path / "unlabelled.parquet"
    pl.read_parquet(clicks).drop("click").write_parquet(path)

    result = command("diagnose", run_folder, path)

    assert result.exit_code == 2
    assert "click" in result.stderr
