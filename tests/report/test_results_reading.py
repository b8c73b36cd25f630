"""The folder of a comparison."""

import json

import polars as pl
import pytest

from fieldwise.comparison import compare
from fieldwise.errors import DataError
from fieldwise.report import write_report
from fieldwise.report.importance_files import read_rankings
from fieldwise.report.reading import read_run
from tests.report.made_up import importance

QUICK = {"num_epochs": 2, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "compared"
    table = pl.DataFrame(
        {
            "site": ["a", "b", "c", "d"] * 100,
            "click": [1, 0, 0, 0, 1, 0, 0, 1] * 50,
        }
    )
    compare(
        table,
        label="click",
        models="lr,fm",
        seeds=1,
        test=0.2,
        recipe=QUICK,
        out=folder,
        progress=False,
    )
    return folder


def test_comparison(comparison):
    run = read_run(comparison)

    assert (run.kind, run.part, run.measure) == ("compare", "test", "auc")
    assert run.model in ("lr", "fm")
    assert set(run.histories) == {"lr", "fm"}
    metrics = run.metrics["click"]
    assert metrics["num_rows"] == 80
    assert metrics["normalized_entropy"] > 0
    bins = run.diagnosed.reliability["click"]["after"]
    assert sum(bins["weight"]) == 80
    assert run.diagnosed.subject == f"{run.model}, seed 0"
    (segment,) = run.diagnosed.segments
    assert (segment["field"], segment["label"]) == ("site", "click")
    assert {line["value"] for line in segment["lines"]} == set("abcd")
    assert sum(line["num_rows"] for line in segment["lines"]) == 80
    # What each system needs, in the order of the leaderboard.
    models = pl.read_parquet(comparison / "leaderboard.parquet")["model"]
    methods = [f"{model}, permuted" for model in models]
    assert [found.method for found in run.importances] == methods
    assert {found.names for found in run.importances} == {("site",)}


def test_report(comparison, tmp_path):
    text = write_report(comparison, out=tmp_path).with_suffix(".md").read_text("utf-8")

    assert text.startswith("# Which system predicts click best?")
    assert "## Leaderboard" in text
    assert "## Learning curves" in text
    assert "## Segments" in text
    assert "## What matters" in text


def test_unfinished_comparison(tmp_path):
    (tmp_path / "comparison.json").write_text("{}")

    with pytest.raises(DataError, match=r"run must be finished.*goes on where it"):
        read_run(tmp_path)


def test_damaged_comparison(tmp_path):
    (tmp_path / "comparison.json").write_text("{}")
    pl.DataFrame({"model": ["lr"]}).write_parquet(tmp_path / "leaderboard.parquet")

    with pytest.raises(DataError, match="must hold a comparison or curves"):
        read_run(tmp_path)


def test_rankings_of_several_seeds_are_one(tmp_path):
    (tmp_path / "rankings").mkdir()
    for name in ("shark-0", "shark-1", "lasso-0", "random-0"):
        found = importance("field", ("a", "b", "c"), name, seed=len(name))
        content = {"importance": found.to_dict(), "seconds": 1.0}
        (tmp_path / "rankings" / f"{name}.json").write_text(json.dumps(content))

    found = read_rankings(tmp_path, ["shark", "lasso", "never"])

    assert [one.method for one in found] == ["shark", "lasso-0"]
    assert "mean over 2 seeds" in found[0].meaning
