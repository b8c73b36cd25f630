"""From a table to a run folder that can be judged and repeated."""

import json
import tomllib

import polars as pl
import pytest
from safetensors.numpy import load_file

from fieldwise.data.readers import table_fingerprint
from fieldwise.ranker import Ranker, field_importance_of, field_selection_of
from fieldwise.schema import Schema
from fieldwise.training import Recipe

QUICK = ("--model", "lr", "--set", "recipe.num_epochs=1", "--ignore", "request")
FILES = {
    "config.toml",
    "diagnosis.json",
    "environment.json",
    "fingerprint.json",
    "history.json",
    "importances",
    "log.txt",
    "metrics.json",
    "ranker",
    "schema.json",
}


def read_json(folder, name):
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


def weights(folder):
    return load_file(folder / "ranker" / "weights.safetensors")


def test_run_folder_holds_all(run_folder, clicks):
    ranker = Ranker.load(run_folder / "ranker")
    metrics = read_json(run_folder, "metrics")
    fingerprint = read_json(run_folder, "fingerprint")

    names = {path.name for path in run_folder.iterdir()}
    # A cloud takes too long where shapes are checked on the way.
    assert names - {"report.html", "report.md", "clouds"} == FILES
    assert Schema.from_dict(read_json(run_folder, "schema")) == ranker.schema
    assert metrics["metrics"] == ranker.metrics
    assert metrics["metrics"]["valid"]["num_rows"] == 40
    assert "log_loss" in metrics["uncalibrated_metrics"]["valid"]
    assert len(read_json(run_folder, "history")["epochs"]) == 2
    assert {"torch", "python", "fit_seconds"} <= set(
        read_json(run_folder, "environment")
    )
    assert fingerprint["data"] == table_fingerprint(clicks)
    assert len(fingerprint["split"]["checksum"]) == 64
    assert fingerprint["seeds"] == {"training": 0}


def test_resolved_configuration(run_folder, clicks):
    config = tomllib.loads((run_folder / "config.toml").read_text("utf-8"))

    assert config["data"] == {
        "path": str(clicks),
        "label": "click",
        "ignore": ["request"],
    }
    assert config["fields"] == {"site": {"min_count": 3}}
    assert config["model"] == {"name": "lr"}
    assert set(config["recipe"]) == set(Recipe().to_dict())
    assert config["recipe"]["num_epochs"] == 2
    assert config["recipe"]["batch_size"] == 128
    assert config["calibration"] == {"method": "auto", "negative_rate": 1.0}


def test_log_has_each_epoch_once(run_folder):
    text = (run_folder / "log.txt").read_text("utf-8")

    assert "encoder: " in text
    assert (text.count(" epoch 1: "), text.count(" epoch 2: ")) == (1, 1)


def test_configuration_repeats_the_run(command, run_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = command("fit", "--config", run_folder / "config.toml", "--out", "again")

    assert result.exit_code == 0, result.output
    first, again = weights(run_folder), weights(tmp_path / "again")
    assert {
        name: (first[name] == again[name]).all() for name in first
    } == dict.fromkeys(again, True)
    for name in ("config.toml", "metrics.json", "fingerprint.json", "schema.json"):
        assert (tmp_path / "again" / name).read_text() == (
            run_folder / name
        ).read_text()


def test_summary(command, clicks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = command("fit", clicks, "--label", "click", *QUICK)

    lines = result.stdout.splitlines()
    assert lines[0].split() == ["part", "metric", "before", "calibration", "after"]
    assert [line.split()[1] for line in lines[1:4]] == ["AUC", "log", "ECE"]
    assert lines[4] == "unknown values in valid: none"
    assert lines[5].startswith("360 train, 40 valid rows, RandomSplit")
    assert lines[6:] == [
        "saved: runs/clicks-lr",
        "report: runs/clicks-lr/report.html",
        "next:  fieldwise predict runs/clicks-lr NEW_DATA --out scores.parquet",
    ]
    names = {path.name for path in (tmp_path / "runs" / "clicks-lr").iterdir()}
    # A cloud takes too long where shapes are checked on the way.
    assert names - {"report.html", "report.md", "clouds"} == FILES


def test_default_folder_is_never_taken(command, clicks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "clicks-lr").mkdir(parents=True)

    result = command("fit", clicks, "--label", "click", *QUICK)

    assert "saved: runs/clicks-lr-2" in result.stdout


def test_split_column_and_test_part(command, clicks, tmp_path):
    parts = ["train"] * 300 + ["valid"] * 50 + ["test"] * 50
    table = pl.read_parquet(clicks).with_columns(part=pl.Series(parts))
    table.write_parquet(tmp_path / "x.parquet")
    arguments = ["fit", tmp_path / "x.parquet", "--label", "click", "--split", "part"]

    result = command(
        *arguments,
        *QUICK,
        "--set",
        "fields.site.min_count=5",
        "--out",
        tmp_path / "run",
    )

    assert result.exit_code == 0, result.output
    assert "300 train, 50 valid, 50 test rows" in result.stdout
    assert "unknown values in test: " in result.stdout
    fields = Ranker.load(tmp_path / "run" / "ranker").schema.names
    assert fields == ("site", "price")


def test_roles_and_valid_file(command, clicks, tmp_path):
    table = pl.read_parquet(clicks).with_columns(
        weight=1.5, session=pl.int_range(400) // 4, day=pl.int_range(400) // 100
    )
    table.head(300).write_csv(tmp_path / "a.csv")
    table.tail(100).write_csv(tmp_path / "b.csv")
    roles = ("--weight", "weight", "--group", "session", "--time", "day")

    result = command(
        *("fit", tmp_path / "a.csv", "--valid", tmp_path / "b.csv", "--label", "click"),
        *(*roles, *QUICK, "--out", tmp_path / "run"),
    )

    assert result.exit_code == 0, result.output
    assert "300 train, 100 valid rows" in result.stdout
    assert "group AUC" in result.stdout
    schema = Ranker.load(tmp_path / "run" / "ranker").schema
    assert (schema.weight, schema.group, schema.time) == ("weight", "session", "day")


def test_several_labels(command, clicks, tmp_path):
    table = pl.read_parquet(clicks).with_columns(paid=pl.col("price") * 2.0)
    table.write_parquet(tmp_path / "x.parquet")
    labels = ("--label", "click", "--label", "paid")

    result = command(
        "fit", tmp_path / "x.parquet", *labels, *QUICK, "--out", tmp_path / "run"
    )

    assert result.exit_code == 0, result.output
    shown = [line.split()[:3] for line in result.stdout.splitlines()]
    assert ["valid", "click", "AUC"] in shown
    assert ["valid", "paid", "RMSE"] in shown


def test_leak_is_told(command, clicks, tmp_path):
    table = pl.read_parquet(clicks).with_columns(answer="click")
    table.write_parquet(tmp_path / "x.parquet")

    result = command(
        *("fit", tmp_path / "x.parquet", "--label", "click", *QUICK),
        *("--out", tmp_path / "run"),
    )

    for shown in (result.stdout, result.stderr):
        lines = [line for line in shown.splitlines() if line.startswith("warning: ")]
        assert any("'answer'" in line for line in lines)
    assert read_json(tmp_path / "run", "metrics")["warnings"]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "data.label must be given"),
        (["--label", "clik"], "did you mean 'click'"),
        (["--label", "click", "--model", "dcnv"], "Did you mean 'dcnv2'?"),
        (["--label", "click", "--set", "recipe.seeds=1"], "Did you mean 'seed'?"),
        (["--label", "click", "--set", "seed=1"], "--set must be SECTION.KEY=VALUE"),
        (["--label", "click", "--config", "no.toml"], "must be a readable file"),
        (["--label", "click", "--out", "."], "--out must be a new folder"),
        (["--label", "click", "--set", "calibration.negative_rate=2"], "negative_rate"),
        (["--label", "click", "--set", "fields.site.encoding=ple"], "'site'"),
        (["--label", "click", "--valid", "no.csv"], "a file that exists"),
    ],
)
def test_errors(command, clicks, tmp_path, monkeypatch, options, text):
    monkeypatch.chdir(tmp_path)

    result = command("fit", clicks, *options)

    assert result.exit_code == 2, result.output
    assert text in result.stderr.splitlines()[-1]
    runs = tmp_path / "runs"
    assert [*runs.iterdir()] == [] if runs.exists() else True


def test_no_data(command):
    result = command("fit", "--label", "click")

    assert result.exit_code == 2
    assert "data.path must be given" in result.stderr


def test_overwrite(command, clicks, tmp_path):
    arguments = ("fit", clicks, "--label", "click", *QUICK, "--out", tmp_path / "run")
    command(*arguments)
    before = (tmp_path / "run" / "log.txt").stat().st_ino

    refused = command(*arguments)
    replaced = command(*arguments, "--overwrite")

    assert (refused.exit_code, replaced.exit_code) == (2, 0)
    assert "Pass --overwrite" in refused.stderr
    assert (tmp_path / "run" / "log.txt").stat().st_ino != before


# Fields that are chosen first


SELECT = ("--select", "lasso", "--fields", "1")


def test_selected_fields_are_told_and_kept(command, clicks, tmp_path):
    out = tmp_path / "run"
    result = command("fit", clicks, "--label", "click", *QUICK, *SELECT, "--out", out)

    ranker = Ranker.load(out / "ranker")
    lines = result.stdout.splitlines()
    config = tomllib.loads((out / "config.toml").read_text("utf-8"))
    assert result.exit_code == 0, result.output
    assert "fields: 1 of 2 kept by lasso" in lines
    assert f"kept: {ranker.schema.names[0]}" in lines
    assert config["selection"] == {"method": "lasso", "fields": 1}
    assert field_selection_of(ranker).kept == ranker.schema.names
    assert field_importance_of(ranker).ranked[0] == ranker.schema.names[0]


def test_the_configuration_repeats_the_selection(command, clicks, tmp_path):
    first, again = tmp_path / "first", tmp_path / "again"
    command("fit", clicks, "--label", "click", *QUICK, *SELECT, "--out", first)

    result = command("fit", "--config", first / "config.toml", "--out", again)

    assert result.exit_code == 0, result.output
    assert all(
        (weights(first)[name] == weights(again)[name]).all() for name in weights(first)
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            ("--select", "lassso", "--fields", "1"),
            "selection.method must be one of outrank, lasso, ",
        ),
        (("--select", "lasso"), "selection.fields must be given, too"),
        (("--fields", "1"), "selection.method must be given, too"),
        (
            ("--select", "lasso", "--fields", "0"),
            "selection.fields must be greater than",
        ),
        (("--select", "lasso", "--fields", "3"), "num_fields must be at most 2, "),
    ],
)
def test_impossible_selections(command, clicks, tmp_path, given, expected):
    out = tmp_path / "run"
    result = command("fit", clicks, "--label", "click", *QUICK, *given, "--out", out)

    assert result.exit_code == 2
    assert expected in result.stderr
    assert not out.exists()
