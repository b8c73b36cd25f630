"""Plain text is whole; terminals are safe."""

import pytest
from rich.text import Text

from fieldwise.cli.tables import clean, number, show_table, show_text

LONG = "a sentence of words " * 20


def test_plain_table_by_hand(capsys):
    show_table({"field": "left", "rows": "right"}, [["site", "12"], ["x", "3"]])

    assert capsys.readouterr().out == "field  rows\nsite     12\nx         3\n"


def test_nothing_is_cut_off_outside_of_a_terminal(capsys):
    show_table({"why": "left"}, [[LONG.strip()], ["[red]markup[/red]"]], title="Title")

    assert capsys.readouterr().out.splitlines() == [
        "Title",
        "why",
        LONG.strip(),
        "[red]markup[/red]",
    ]


def test_terminal_breaks_only_sentences(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    columns = {"name": "left", "why": "left"}

    show_table(columns, [[Text("site_of_page", style="bold"), LONG]], wrapped=["why"])

    lines = capsys.readouterr().out.splitlines()
    assert any("site_of_page" in line for line in lines)
    assert len(lines) > 10


def test_no_rows(capsys):
    show_table({"field": "left"}, [])

    assert capsys.readouterr().out == "field\n"


def test_text_is_neither_wrapped_nor_marked_up(capsys):
    show_text(f"[bold]{LONG}", style="red", stderr=True)

    assert capsys.readouterr().err == f"[bold]{LONG}\n"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain é 中", "plain é 中"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\r\n", "a\\tb\\r\\n"),
        (None, "None"),
        (1.5, "1.5"),
    ],
)
def test_clean(raw, shown):
    assert clean(raw) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234, "1,234"), (0.5, "0.50000"), (None, "-"), (float("nan"), "nan")],
)
def test_number(value, shown):
    assert number(value) == shown
