import sys

import pytest

from fieldwise.errors import MissingExtraError
from fieldwise.importance.chart_style import need_altair, styled


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(MissingExtraError, match=r"'fieldwise\[report\]'"):
        need_altair()


def test_the_looks_do_not_change_what_is_drawn():
    alt = pytest.importorskip("altair")
    chart = alt.Chart(alt.Data(values=[{"x": 1}])).mark_point().encode(x="x:Q")

    plain, dressed = chart.to_dict(), styled(chart).to_dict()

    assert dressed["encoding"] == plain["encoding"]
    assert dressed["config"]["font"] == "sans-serif"
