"""``fieldwise compare``: the table it prints, the folder it leaves, its exit code."""

import sys

import polars as pl
import pytest

from fieldwise.comparison import runner
from fieldwise.errors import TrainingDivergedError

QUICK = ("--set", "recipe.num_epochs=1", "--set", "recipe.batch_size=64")
TWO = ("--label", "click", "--models", "lr,fm", "--ignore", "request")
FILES = {
    *("comparison.json", "fits", "rows.parquet", "rows.json", "log.txt", ".lock"),
    *("leaderboard.md", "leaderboard.parquet", "runs.parquet"),
}


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path


def test_leaderboard_and_folder(command, clicks, in_folder):
    result = command("compare", clicks, *TWO, *QUICK, "--seeds", 2, "--test", 0.2)

    lines = result.stdout.splitlines()
    folder = in_folder / "runs" / "clicks-compare"
    assert result.exit_code == 0, result.output
    assert lines[0] == "On the test rows"
    assert lines[1].split()[:4] == ["model", "AUC", "log", "loss"]
    assert {lines[2].split()[1], lines[3].split()[1]} == {"lr", "fm"}
    assert "best" in lines[2]
    assert "±" in lines[2]
    assert "saved: runs/clicks-compare/leaderboard.md" in lines
    assert lines[-1].startswith("next:  fieldwise fit DATA --label LABEL --model ")
    names = {path.name for path in folder.iterdir()}
    drawn = {"leaderboard.svg", "leaderboard.png", "report.html", "report.md"}
    assert names - drawn == FILES
    # What an interrupted fit needs is in the folder, not in the cache.
    assert list((in_folder / "cache").glob("checkpoints/*")) == []
    assert len(list((in_folder / "cache" / "encoded").iterdir())) == 1


def test_a_mark_in_place_of_a_sentence(command, clicks, in_folder):
    # Without a field that tells anything, nobody is better than the others.
    shared = ("--label", "click", "--models", "fm,lr,dnn", "--seeds", 1, "--out", "x")

    result = command("compare", clicks, *shared, *QUICK, "--ignore", "site")

    lines = result.stdout.splitlines()
    marked = pl.read_parquet("x/leaderboard.parquet")["like_best"].sum()
    assert result.exit_code == 0, result.output
    assert marked > 0
    assert sum(line.endswith("≈ best") for line in lines) == marked
    assert "≈ best: not distinguishable from the best, p (rows) >= 0.05" in lines
    page = (in_folder / "x" / "leaderboard.md").read_text("utf-8")
    assert page.count("| not distinguishable from the best |") == marked


def test_one_line_per_fit(command, clicks, in_folder):
    result = command("compare", clicks, *TWO, *QUICK, "--seeds", 1)

    said = [line for line in result.stderr.splitlines() if "fit " in line]
    log = (in_folder / "runs" / "clicks-compare" / "log.txt").read_text("utf-8")
    assert said[0].startswith("fit 1 of 2: lr, seed 0: AUC 0.")
    assert said[1].startswith("fit 2 of 2: fm, seed 0: AUC 0.")
    assert "epoch 1" not in result.stderr
    assert log.count("epoch 1: ") == 2
    assert "fit 2 of 2" in log


def test_again_and_more(command, clicks, in_folder):
    arguments = ("compare", clicks, *TWO, *QUICK)
    command(*arguments, "--seeds", 1)

    again = command(*arguments, "--seeds", 2)

    assert "4 fits, 2 to be made" in again.stderr
    assert "fit 3 of 4: lr, seed 1" in again.stderr
    log = (in_folder / "runs" / "clicks-compare" / "log.txt").read_text("utf-8")
    assert "fit 1 of 2" in log
    assert "fit 3 of 4" in log


def test_other_settings_are_refused(command, clicks, in_folder):
    command("compare", clicks, *TWO, *QUICK, "--seeds", 1)
    other = (
        "--seeds",
        1,
        "--set",
        "recipe.num_epochs=2",
        "--set",
        "model.fm.embedding_dim=4",
    )

    refused = command("compare", clicks, *TWO, *QUICK, *other)
    replaced = command("compare", clicks, *TWO, *QUICK, *other, "--overwrite")

    assert refused.exit_code == 2
    assert "recipe.num_epochs: 1 there, 2 here" in refused.stderr
    assert "model.fm.embedding_dim: default there, 4 here" in refused.stderr
    assert replaced.exit_code == 0


def test_a_failed_model(command, clicks, in_folder, monkeypatch):
    original = runner.fit_encoded

    def fit(encoded, settings, **given):
        if settings.model == "fm":
            message = "the loss is nan"
            raise TrainingDivergedError(message)
        return original(encoded, settings, **given)

    monkeypatch.setattr(runner, "fit_encoded", fit)

    result = command("compare", clicks, *TWO, *QUICK, "--seeds", 2)

    failed = next(line for line in result.stdout.splitlines() if " fm " in line)
    assert result.exit_code == 1
    assert "failed: seed 0, 1: TrainingDivergedError: the loss is nan" in failed
    assert "lr  " in result.stdout
    assert "warning: fm, seed 0 failed" in result.stderr
    log = in_folder / "runs" / "clicks-compare" / "log.txt"
    assert "Traceback" in log.read_text("utf-8")
    assert "Traceback" not in result.stderr


def test_without_the_extra(command, clicks, in_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)

    result = command("compare", clicks, *TWO, *QUICK, "--seeds", 1, "--no-cache")

    assert result.exit_code == 0
    assert "There is no picture: pictures need Altair" in result.stdout
    assert "pip install 'fieldwise[report]'" in result.stdout
    assert not (in_folder / "cache").exists()


def test_configuration_of_a_run(command, clicks, run_folder, in_folder):
    (in_folder / "x.toml").write_text(
        f"""
        [data]
        path = "{clicks}"
        label = "click"
        ignore = ["request"]
        [fields.price]
        kind = "ignored"
        [recipe]
        num_epochs = 1
        [model.fm]
        embedding_dim = 3
        """,
        "utf-8",
    )
    shared = ("--models", "fm", "--seeds", 1)

    own = command("compare", "--config", "x.toml", *shared, "--out", "own")
    runs = command(
        "compare", "--config", run_folder / "config.toml", *shared, "--out", "run"
    )

    assert own.exit_code == 0, own.output
    manifest = (in_folder / "own" / "comparison.json").read_text("utf-8")
    assert '"embedding_dim": 3' in manifest
    assert '"name": "price"' not in manifest
    assert runs.exit_code == 0, runs.output


def test_roles_and_split_column(command, clicks, in_folder):
    parts = ["train"] * 280 + ["valid"] * 50 + ["test"] * 70
    table = pl.read_parquet(clicks).with_columns(
        part=pl.Series(parts), w=1.5, session=pl.int_range(400) // 4
    )
    table.write_parquet("x.parquet")

    result = command(
        *("compare", "x.parquet", *TWO, *QUICK, "--seeds", 1, "--out", "out"),
        *("--split", "part", "--weight", "w", "--group", "session"),
    )

    assert result.exit_code == 0, result.output
    rows = pl.read_parquet("out/rows.parquet")
    assert rows.columns == ["label 0", "weight", "group", "segment 0"]
    assert len(rows) == 70


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "data.label must be given"),
        (["--label", "clik"], "did you mean 'click'"),
        (["--label", "click", "--models", "lr,dcn2"], "Did you mean 'dcnv2'?"),
        (["--label", "click", "--set", "recipe.epochs=1"], "unknown key recipe.epochs"),
        (["--label", "click", "--out", "."], "out must be a new folder"),
        (["--label", "click", "--test", "2"], "test must be a share"),
        (["--label", "click", "--test", ".1", "--split", "site"], "test must be 0"),
        (["--label", "click", "--valid", "no.csv"], "a file that exists"),
    ],
)
def test_errors(command, clicks, in_folder, options, text):
    (in_folder / "mine.txt").write_text("", "utf-8")

    result = command("compare", clicks, *options)

    assert result.exit_code == 2, result.output
    assert text in result.stderr.splitlines()[-1]
    runs = in_folder / "runs"
    assert [*runs.iterdir()] == [] if runs.exists() else True
