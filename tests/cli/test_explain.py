"""Explaining a saved ranker from the command line."""

import json

import polars as pl
import pytest

import fieldwise as fw
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


def test_single_rows(command, run_folder, clicks):
    result = command("explain", run_folder, clicks, "--row", 7, "--row", 2)
    plain = command("explain", run_folder, clicks, "--row", 7, "--row", 2, "--json")

    titles = [line for line in result.stdout.splitlines() if line.startswith("Why")]
    assert [title.rpartition(" in ")[2] for title in titles] == ["row 7:", "row 2:"]
    assert result.stdout.count("together: ") == result.stdout.count("faithful: ") == 2
    table = pl.read_csv(clicks) if clicks.suffix == ".csv" else pl.read_parquet(clicks)
    rows = json.loads(plain.stdout)["rows"]
    assert [row["row"] for row in rows] == [7, 2]
    predicted = fw.load(run_folder / "ranker").predict(table[[7, 2]])
    for row, prediction in zip(rows, predicted, strict=True):
        added = sum(one["adds"] for one in row["contributions"])
        assert row["base"] + added == pytest.approx(row["logit"])
        assert row["prediction"] == pytest.approx(prediction)
        shown = {one["field"]: one["value"] for one in row["contributions"]}
        assert shown["site"] == table["site"][row["row"]]
        assert [one["fields"] for one in row["pairs"]] == [["site", "price"]]


def test_rows_that_are_not_there(command, run_folder, clicks, tmp_path):
    far = command("explain", run_folder, clicks, "--row", 10**6)
    out = command("explain", run_folder, clicks, "--row", 1, "--out", tmp_path / "x")

    assert (far.exit_code, out.exit_code) == (2, 2)
    assert "row must be one of the table, got [1000000]" in far.stderr
    assert "--out must not be given with --row" in out.stderr


def test_wrong_label(command, run_folder, clicks):
    result = command("explain", run_folder, clicks, "--label", "sale")

    assert result.exit_code == 2
    assert "label must be one of ['click'], got 'sale'" in result.stderr
