"""The picture is drawn, and says what it cannot do without."""

import sys

import polars as pl
import pytest

from fieldwise.comparison.leaderboard import Leaderboard
from fieldwise.comparison.plot import draw_leaderboard
from fieldwise.errors import MissingExtraError


def board(num_models, *, num_seeds=3):
    lines = [
        {
            "model": f"model{number}",
            "num_seeds": num_seeds,
            "auc": 0.8 - 0.001 * number,
            "auc_std": 0.001 if num_seeds > 1 else None,
            "parameters": 1000 + 10 * number,
            "is_best": number == 0,
            "like_best": number < 3,
        }
        for number in range(num_models)
    ]
    failed = {"model": "lost", "num_seeds": 0}
    frame = pl.DataFrame([*lines, failed], infer_schema_length=None)
    return Leaderboard("auc", frame, pl.DataFrame())


@pytest.mark.parametrize(("num_models", "num_seeds"), [(1, 1), (24, 3)])
def test_every_system_is_named_twice(tmp_path, num_models, num_seeds):
    pytest.importorskip("altair")

    drawn = draw_leaderboard(
        board(num_models, num_seeds=num_seeds), tmp_path / "x", part="test"
    )

    svg = (tmp_path / "x.svg").read_text("utf-8")
    assert drawn
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    for number in range(num_models):
        assert svg.count(f">model{number}<") == 2
    assert "lost" not in svg
    assert "not distinguishable from the best" in svg


def test_nothing_to_draw(tmp_path):
    assert not draw_leaderboard(board(0), tmp_path / "x", part="test")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["altair", "vl_convert"])
def test_the_extra_is_missing(tmp_path, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[report\]'"):
        draw_leaderboard(board(2), tmp_path / "x", part="test")
