import numpy as np

from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.search.curve_page import curve_page
from fieldwise.search.curve_table import make_tables
from tests.comparison.identity_of_nothing import IDENTITY
from tests.search.made_up import made_up


def test_page():
    lines, points = make_tables(made_up({"a": {0: (0.6, 0.8)}, "b|c": {0: (0.5, 0.7)}}))
    rows = MeasuredRows(np.zeros((8, 1)), ("binary",), ("click",))

    page = curve_page(
        lines,
        points,
        rows,
        IDENTITY | {"curve": {"model": "lr"}},
        part="test",
        environment={"python": "3"},
        notes=["Mind the gap."],
        picture="curve.svg",
    )

    assert page.startswith("# Which fields are needed to predict `click`?\n")
    assert "a new `lr` is trained from scratch" in page
    assert "measured on 8 test rows" in page
    assert "![AUC over the number of fields](curve.svg)" in page
    assert "| method | 1 | 2 | 4 |" in page
    assert "| a | 0.60000 | 0.80000 |  |" in page
    assert "| b\\|c | 0.50000 | 0.70000 |  |" in page
    assert "| all fields |  |  | 0.90000 |" in page
    assert "- Mind the gap." in page
    assert "within 0.1% of that of all fields" in page
    assert "- python: 3" in page
