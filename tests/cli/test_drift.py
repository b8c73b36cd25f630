"""Drift of a saved ranker's rows from the command line."""

import json

import polars as pl

from fieldwise.importance import Importance


def test_table_and_folder(command, run_folder, clicks, tmp_path):
    moved = tmp_path / "moved.parquet"
    table = pl.read_parquet(clicks).with_columns(pl.lit("s9\n").alias("site"))
    table.write_parquet(moved)
    folder = tmp_path / "drift"

    result = command("drift", run_folder, clicks, moved, "--out", folder)

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "What has changed: 400 rows beside 400 older ones"
    heads = ["field", "drift", "noise", "psi", "unknown", "missing", "moved", "most"]
    assert lines[1].split() == heads
    assert lines[2].split()[0] == "site"
    assert "0.0% > 100.0%" in lines[2]
    assert "(unknown): 0.0% > 100.0%" in lines[2]
    assert "above noise: site" in lines
    assert any(line.startswith("scores of click: mean 0.") for line in lines)
    assert f"saved: {folder}/report.md" in lines
    assert Importance.load(folder / "fields").ranked[0] == "site"
    again = command("drift", run_folder, clicks, moved, "--out", folder)
    assert again.exit_code == 2
    assert "folder must not exist" in again.stderr


def test_json_of_the_same_rows(command, run_folder, clicks):
    result = command("drift", run_folder, clicks, clicks, "--json")

    found = json.loads(result.stdout)
    assert found["drifted"] == []
    assert [field["name"] for field in found["fields"]] == ["site", "price"]
    assert all(field["movement"]["divergence"] == 0 for field in found["fields"])
