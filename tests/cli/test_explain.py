"""Explaining a saved ranker from the command line."""

import json

import polars as pl

from fieldwise.importance import Importance


def test_fields_pairs_and_folder(command, run_folder, clicks, tmp_path):
    folder = tmp_path / "why"

    result = command(
        *("explain", run_folder, clicks, "--rows", 50, "--pairs", "--out", folder)
    )

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].startswith("What moves click: 50 rows, base ")
    assert lines[1].split() == ["field", "size", "mean"]
    assert {line.split()[0] for line in lines[2:4]} == {"site", "price"}
    assert any(line.startswith("site x price") for line in lines)
    assert "faithful: area between insertion and deletion" in result.output
    assert f"saved: {folder}/report.md" in result.output
    assert Importance.load(folder / "fields").unit == "field"
    assert pl.read_parquet(folder / "rows.parquet").height == 50
    again = command("explain", run_folder, clicks, "--out", folder)
    assert again.exit_code == 2
    assert "folder must not exist" in again.stderr


def test_json_and_another_background(command, run_folder, clicks):
    result = command(
        *("explain", run_folder, clicks, "--background", clicks, "--json"),
    )

    found = json.loads(result.stdout)
    assert found["fields"]["unit"] == "field"
    assert "pairs" not in found


def test_wrong_label(command, run_folder, clicks):
    result = command("explain", run_folder, clicks, "--label", "sale")

    assert result.exit_code == 2
    assert "label must be one of ['click'], got 'sale'" in result.stderr
