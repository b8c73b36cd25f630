"""The page that is left to judge a comparison by."""

import numpy as np
import pytest

from fieldwise.comparison.leaderboard import make_leaderboard
from fieldwise.comparison.markdown import leaderboard_page, markdown_table
from tests.comparison.identity_of_nothing import IDENTITY


@pytest.fixture
def page(measured, made_up):
    def make(*, part="test", **given):
        labels = np.array([0.0, 1.0] * 10)
        rows = measured(labels)
        values = {("a", 0): labels * 0.5 + 0.2, ("b", 0): np.linspace(0.1, 0.9, 20)}
        plan, fits = made_up(rows, values)
        board = make_leaderboard(plan, fits, {}, rows, part=part)
        return leaderboard_page(
            board, rows, IDENTITY, part=part, environment={"python": "3.11"}, **given
        )

    return make


def test_everything_needed_to_judge_it(page):
    text = page(notes=["A leak."], picture="leaderboard.svg")

    for part in (
        "# Which system predicts `label0` best?",
        "Ordered by AUC (higher is better) on the test rows, 20 of them",
        "|  | model | AUC |",
        "| 1 | a | 1.00000 |",
        "![AUC of each system](leaderboard.svg)",
        "DeLong's test",
        "- A leak.",
        "- labels: `label0` (binary); group `user`",
        "- rows: 1,000 train, 100 valid, RandomSplit(valid=0.1)",
        f"`{'d' * 64}`",
        f"`{'c' * 64}`",
        '"num_epochs": 2',
        "- python: 3.11",
    ):
        assert part in text
    assert "also chose the best epoch" not in text


def test_validation_rows_are_no_fair_test(page):
    text = page(part="valid")

    assert "**These rows also chose the best epoch" in text
    assert "![" not in text


def test_cells_cannot_break_the_table():
    lines = markdown_table(["model", "note"], [["a", "x | y\nz"]])

    assert lines == ["| model | note |", "|---|---|", "| a | x \\| y z |"]
