"""Scores of files, in files."""

import numpy as np
import polars as pl
import pytest

from fieldwise.ranker import Ranker


@pytest.fixture
def expected(run_folder, clicks):
    return Ranker.load(run_folder / "ranker").predict(clicks)


@pytest.mark.parametrize(
    ("name", "read"), [("s.parquet", pl.read_parquet), ("s.csv", pl.read_csv)]
)
def test_keys_and_probabilities(
    command, run_folder, clicks, expected, tmp_path, name, read
):
    result = command("predict", run_folder, clicks, "--out", tmp_path / name)

    assert result.exit_code == 0, result.output
    table = read(tmp_path / name)
    assert table.columns == ["request", "click", "probability"]
    assert table["request"].to_list() == pl.read_parquet(clicks)["request"].to_list()
    np.testing.assert_allclose(table["probability"], expected, rtol=1e-9)
    lines = result.output.splitlines()
    assert lines[0].startswith("400 rows, ")
    assert lines[1].startswith("unknown values: ")
    assert lines[2] == f"saved: {tmp_path / name}"


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        (["--keys", "site", "--keys", "request"], ["site", "request"]),
        (["--keep-all"], ["request", "site", "price", "click"]),
    ],
)
def test_chosen_columns(command, run_folder, clicks, tmp_path, options, columns):
    command("predict", run_folder, clicks, "--out", tmp_path / "s.csv", *options)

    assert pl.read_csv(tmp_path / "s.csv").columns == [*columns, "probability"]


def test_rows_without_keys_are_numbered(command, run_folder, clicks, tmp_path):
    pl.read_parquet(clicks).select("site", "price").write_csv(tmp_path / "x.csv")

    command("predict", run_folder, tmp_path / "x.csv", "--out", tmp_path / "s.csv")

    assert pl.read_csv(tmp_path / "s.csv")["row"].to_list() == list(range(400))


def test_unknown_values_are_told(command, run_folder, clicks, tmp_path):
    table = pl.read_parquet(clicks).with_columns(site=pl.lit("new"))
    table.write_parquet(tmp_path / "x.parquet")

    result = command(
        "predict", run_folder, tmp_path / "x.parquet", "--out", tmp_path / "s.csv"
    )

    assert "unknown values: 'site' 100.0%" in result.stdout
    assert "warning: far more unknown values than at fit" in result.stderr


def test_bar_in_a_terminal(command, run_folder, clicks, tmp_path, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")

    result = command("predict", run_folder, clicks, "--out", tmp_path / "s.csv")

    assert result.exit_code == 0
    assert len(pl.read_csv(tmp_path / "s.csv")) == 400


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--out", "s.txt"], "must end in .parquet or .csv"),
        (["--out", "s.csv", "--keys", "sit"], "Did you mean 'site'?"),
        (["--out", "taken.csv"], "Pass --overwrite to replace it."),
    ],
)
def test_errors(command, run_folder, clicks, tmp_path, monkeypatch, options, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.csv").write_text("old")

    result = command("predict", run_folder, clicks, *options)

    assert result.exit_code == 2
    assert text in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken.csv"]


def test_precision_reaches_the_ranker(
    command, run_folder, clicks, tmp_path, monkeypatch
):
    asked = []
    plain = Ranker.score_chunks

    def score_chunks(ranker, *arguments, **settings):
        asked.append(ranker.precision)
        return plain(ranker, *arguments, **settings)

    monkeypatch.setattr(Ranker, "score_chunks", score_chunks)
    for options in ([], ["--precision", "auto"]):
        out = tmp_path / f"{len(asked)}.csv"
        result = command("predict", run_folder, clicks, "--out", out, *options)
        assert result.exit_code == 0, result.output

    assert asked == ["float32", "auto"]


def test_an_unknown_precision(command, run_folder, clicks, tmp_path):
    out = ["--out", tmp_path / "s.csv", "--precision", "fp8"]

    result = command("predict", run_folder, clicks, *out)

    assert result.exit_code == 2
    assert "'fp8'" in result.stderr
    assert not (tmp_path / "s.csv").exists()


def test_overwrite(command, run_folder, clicks, tmp_path):
    (tmp_path / "s.csv").write_text("old")

    command("predict", run_folder, clicks, "--out", tmp_path / "s.csv", "--overwrite")

    assert len(pl.read_csv(tmp_path / "s.csv")) == 400


def test_missing_column(command, run_folder, clicks, tmp_path):
    pl.read_parquet(clicks).drop("site").write_csv(tmp_path / "x.csv")

    result = command(
        "predict", run_folder, tmp_path / "x.csv", "--out", tmp_path / "s.csv"
    )

    assert result.exit_code == 2
    assert "'site'" in result.stderr
    assert not (tmp_path / "s.csv").exists()
