"""Tables from entries made up for the purpose."""

import io

import pytest
from rich.console import Console

from benchmarks.peers.journal import Entry
from benchmarks.peers.report import format_number, grids, print_grids, to_markdown


def entry(contender, repetition, rows_s, *, quiet=True, error=""):
    values = {"encode_rows_s": rows_s, "wall_s": 1.0, "peak_mb": 100.0}
    key = f"encode | {contender} | {repetition}"
    return Entry(key, "encode", contender, "", 1, values, quiet, error)


@pytest.fixture
def entries():
    made = [
        entry("fieldwise", 0, 300.0),
        entry("fieldwise", 1, 500.0),
        entry("FuxiCTR", 0, 20.0),
        entry("FuxiCTR", 1, 1.0, quiet=False),
        entry("pandas + LabelEncoder", 0, 1.0, error="MemoryError\nexit code 1"),
    ]
    return {item.key: item for item in made}


def test_medians_spreads_and_ratios(entries):
    first = grids(entries)[0]

    assert first.title == "Encode a Parquet file"
    assert first.columns == ("", "rows/s", "peak MB", "quiet")
    # Ours is (300 + 500) / 2 = 400, half the distance 100 of it 25 %; 400 / 20 = 20.
    assert first.rows == (
        ("FuxiCTR", "20 (20.00x)", "100 (1.00x)", "1/2"),
        ("fieldwise", "400 ±25%", "100 ±0%", "2/2"),
    )


def test_bounds_and_failures_are_told(entries):
    by_title = {grid.title: grid for grid in grids(entries)}

    assert by_title["Bounds"].rows[0] == (
        "encode Parquet, rows/s : FuxiCTR",
        "at least 15.00x",
        "20.00x",
        "met",
    )
    assert by_title["Bounds"].rows[1][-1] == "not measured"
    assert by_title["Failed"].rows == (
        ("encode | pandas + LabelEncoder | 0", "MemoryError"),
    )


def test_markdown_has_the_head_and_every_table(entries):
    page = to_markdown({"cores": "2"}, grids(entries))

    assert page.startswith("- cores: 2\n")
    assert "### Bounds" in page
    assert "| FuxiCTR | 20 (20.00x) | 100 (1.00x) | 1/2 |" in page


def test_terminal(entries):
    console = Console(width=120, record=True, file=io.StringIO())

    print_grids(grids(entries), console)

    assert "20 (20.00x)" in console.export_text()


def test_nothing_measured_leaves_only_the_bounds():
    assert [grid.title for grid in grids({})] == ["Bounds"]


@pytest.mark.parametrize(
    ("metric", "value", "text"),
    [
        ("train_rows_s", 25839.4, "25,839"),
        ("auc", 0.68151, "0.6815"),
        ("one_p50_ms", 0.0801, "0.0801"),
        ("wall_s", 123.4, "123"),
    ],
)
def test_numbers(metric, value, text):
    assert format_number(metric, value) == text
