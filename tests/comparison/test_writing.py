"""The files of a result."""

import sys

import numpy as np
import polars as pl
import pytest

from fieldwise.comparison.leaderboard import make_leaderboard
from fieldwise.comparison.writing import write_results
from tests.comparison.identity_of_nothing import IDENTITY


@pytest.fixture
def result(measured, made_up):
    labels = np.array([0.0, 1.0] * 10)
    rows = measured(labels)
    plan, fits = made_up(rows, {("a", 0): labels * 0.5, ("b", 0): labels * 0.4})
    return make_leaderboard(plan, fits, {}, rows, part="test"), rows


def test_tables_and_page(result, tmp_path):
    pytest.importorskip("altair")

    more = write_results(tmp_path, *result, IDENTITY, part="test", notes=["So."])

    names = {path.name for path in tmp_path.iterdir()}
    page = (tmp_path / "leaderboard.md").read_text("utf-8")
    assert more == []
    assert names == {
        *("leaderboard.parquet", "leaderboard.md", "leaderboard.svg"),
        *("leaderboard.png", "runs.parquet"),
    }
    assert pl.read_parquet(tmp_path / "leaderboard.parquet").equals(result[0].models)
    assert pl.read_parquet(tmp_path / "runs.parquet").equals(result[0].runs)
    assert "- So." in page
    assert "leaderboard.svg" in page
    assert "- torch: " in page


def test_without_the_extra(result, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)

    (note,) = write_results(tmp_path, *result, IDENTITY, part="test", notes=[])

    page = (tmp_path / "leaderboard.md").read_text("utf-8")
    assert "pip install 'fieldwise[report]'" in note
    assert f"- {note}" in page
    assert "leaderboard.svg" not in page
