import sys

import pytest

from fieldwise.errors import MissingExtraError
from fieldwise.search.curve_plot import draw_curves
from fieldwise.search.curve_table import make_tables
from tests.search.made_up import made_up

AUCS = {"a": {0: (0.6, 0.8), 1: (0.7, 0.9)}, "random": {0: (0.5, 0.6)}}


@pytest.fixture(scope="module")
def tables():
    return make_tables(made_up(AUCS, methods=("a",)))


def test_every_method_is_named(tables, tmp_path):
    pytest.importorskip("altair")

    assert draw_curves(*tables, tmp_path / "curve", part="test")

    svg = (tmp_path / "curve.svg").read_text("utf-8")
    assert all(f">{name}<" in svg for name in AUCS)
    assert "on the test rows" in svg
    assert (tmp_path / "curve.png").stat().st_size > 0


def test_nothing_to_draw(tmp_path):
    lines, points = make_tables(made_up({"a": {0: (0.6, 0.8)}}))

    assert not draw_curves(lines, points.clear(), tmp_path / "curve", part="test")
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra(tables, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)

    with pytest.raises(MissingExtraError, match=r"'fieldwise\[report\]'"):
        draw_curves(*tables, tmp_path / "curve", part="test")
