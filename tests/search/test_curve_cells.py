from fieldwise.comparison.plan import Job
from fieldwise.search.curve_cells import curve_cells
from fieldwise.search.curve_table import make_tables
from tests.search.made_up import made_up


def test_cells():
    curves = made_up(
        {"a": {0: (0.6, 0.8), 1: (0.7, 0.9)}, "random": {0: (0.5, 0.6)}},
        methods=("a",),
    )
    curves.rankings.errors[Job(0, "bad")] = "ValueError: no"

    headings, rows = curve_cells(make_tables(curves)[0])

    cells = [dict(zip(headings, row, strict=True)) for row in rows]
    assert headings[:3] == ["", "method", "AUKC"]
    assert [line["method"] for line in cells] == ["a", "random", "bad", "all fields"]
    assert cells[0]["AUKC"] == "0.5000 ± 0.1414"
    assert cells[1]["AUKC"] == "0.1000"
    assert cells[1]["note"] == "control"
    assert cells[2]["note"] == "control; failed: ValueError: no"
    assert cells[3]["parameters"] == "400"
    # Nothing was planted, and nothing could be tested with two seeds.
    assert "noise" not in headings
    assert "p (seeds)" not in headings
