"""Encoded parts in a folder, the same that a fit trains on."""

import json

import numpy as np
import polars as pl
import pytest

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoded_parts import encode_parts
from fieldwise.data.encoder_storage import read_encoder
from fieldwise.data.parts import default_split, divide
from fieldwise.data.readers import read_table, table_fingerprint
from fieldwise.schema import Schema


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_folder(command, clicks, tmp_path):
    out = tmp_path / "new" / "out"

    result = command(
        *("encode", clicks, "--label", "click", "--out", out, "--ignore", "request"),
        *("--set", "fields.site.min_count=3"),
    )

    assert result.exit_code == 0, result.output
    encoder = read_encoder(out / "encoder")
    train, valid = Dataset.open(out / "train"), Dataset.open(out / "valid")
    assert (len(train), len(valid)) == (360, 40)
    assert train.schema == valid.schema == encoder.schema
    assert encoder.schema["site"].min_count == 3
    shares = json.loads((out / "unknown_shares.json").read_text())
    assert shares == {"train": {"site": 0.0}, "valid": {"site": 0.0}}
    lines = result.output.splitlines()
    assert lines[-4:] == [
        "train: 360 rows, unknown values: none",
        "valid: 40 rows, unknown values: none",
        f"{encoder.schema.num_features} features",
        f"saved: {out}",
    ]


def test_rows_are_those_of_a_fit(command, clicks, tmp_path):
    command("encode", clicks, "--label", "click", "--out", tmp_path / "out")

    frame = read_table(clicks)
    schema = Schema.infer(frame, label="click")
    parts = divide(frame, default_split(schema))
    fingerprint = table_fingerprint(clicks)
    encode_parts(parts, schema, tmp_path / "fit", fingerprint=fingerprint)
    expected, found = files_of(tmp_path / "fit"), files_of(tmp_path / "out")
    assert {name: found[name] for name in expected} == expected


def test_named_parts_and_seed(command, clicks, tmp_path):
    table = pl.read_parquet(clicks)
    part = pl.Series("part", ["train", "test", "train", "train"] * 100)
    table.with_columns(part).write_parquet(tmp_path / "x.parquet")
    labels = []
    for seed in (0, 1):
        out = tmp_path / str(seed)
        command(
            *("encode", tmp_path / "x.parquet", "--label", "click", "--out", out),
            *("--split", "part", "--seed", seed, "--ignore", "request"),
        )
        assert len(Dataset.open(out / "test")) == 100
        assert "part" not in read_encoder(out / "encoder").schema
        labels.append(Dataset.open(out / "valid").labels)

    assert len(labels[0]) == len(labels[1]) == 30
    assert not np.array_equal(labels[0], labels[1])


def test_settings_of_a_run(command, run_folder, tmp_path):
    config = run_folder / "config.toml"

    result = command("encode", "--config", config, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.output
    assert read_encoder(tmp_path / "out" / "encoder").schema.names == ("site", "price")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--out", "x", "--engine", "dask"], "must be one of 'polars', 'spark', got"),
        (["--out", "x", "--label", "clik"], "did you mean 'click'?"),
        (["--out", "taken"], "Pass --overwrite to replace it."),
        (["--out", "taken", "--overwrite"], "It holds no encoder."),
        (["--out", "x", "--set", "data.valid='y'"], "data.valid must be left out"),
        (["--out", "x", "--split", "none"], "column must be a column of the frame"),
        (["--out", "x", "--engine", "spark"], "must be Parquet files for the engine"),
    ],
)
def test_errors(command, clicks, tmp_path, monkeypatch, options, text):
    monkeypatch.chdir(tmp_path)
    # No session: what is wrong is seen before Spark reads anything.
    monkeypatch.setattr("fieldwise.data.engines.spark_session.spark_session", object)
    (tmp_path / "taken").mkdir()
    data = clicks
    if "spark" in options:
        data = tmp_path / "x.csv"
        pl.read_parquet(clicks).write_csv(data)
    label = [] if "--label" in options else ["--label", "click"]

    result = command("encode", data, *label, *options)

    assert result.exit_code == 2
    assert text in result.stderr
    assert not (tmp_path / "x").exists()


def test_label_is_needed(command, clicks, tmp_path):
    result = command("encode", clicks, "--out", tmp_path / "x")

    assert result.exit_code == 2
    assert "--label must name the column to predict" in result.stderr


def test_overwrite(command, clicks, tmp_path):
    options = ("--label", "click", "--out", tmp_path / "out", "--ignore", "request")
    command("encode", clicks, *options)
    (tmp_path / "out" / "left").touch()

    result = command("encode", clicks, *options, "--ignore", "site", "--overwrite")

    assert result.exit_code == 0, result.output
    assert read_encoder(tmp_path / "out" / "encoder").schema.names == ("price",)
    assert not (tmp_path / "out" / "left").exists()
