"""Ranking fields from the command line."""

import json

import numpy as np
import polars as pl
import pytest

from fieldwise.importance import Importance
from fieldwise.selection.outrank import HEURISTICS


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    random = np.random.default_rng(0)
    site, left, right = random.integers(0, (6, 2, 2), (3000, 3)).T
    odds = 1 / (1 + np.exp(-(site - 2.5)))
    click = (random.random(3000) < np.where(left ^ right, odds, 1 - odds)).astype(int)
    path = tmp_path_factory.mktemp("rank") / "log.parquet"
    pl.DataFrame(
        {
            "site": [f"s{value}" for value in site],
            "left": left,
            "right": right,
            "good": np.where(random.random(3000) < 0.8, click, 1 - click),
            "bad\x1b[2J": [f"u{n}" for n in random.integers(0, 900, 3000)],
            "day": ["monday"] * 3000,
            "click": click,
            "part": np.where(np.arange(3000) < 2000, "train", "test"),
        }
    ).write_parquet(path)
    return path


def test_fields_with_bars_and_the_line_of_noise(command, log):
    result = command("rank", log, "--label", "click")

    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "What each field says about click: 3,000 rows in 1 blocks"
    heads = ["field", "score", "plain", "values", "filled"]
    assert lines[1].split() == heads
    assert lines[2].startswith("good")
    assert "█" * 20 in lines[2]
    places = {line.split()[0]: place for place, line in enumerate(lines) if line}
    assert places["good"] < places["—"] < places["bad\\x1b[2J"]
    assert "candidates for removal" in result.output
    assert "warning: constant: 'day' is the same in every row" in result.output
    assert "\x1b" not in result.output


def test_combinations_order_and_folder(command, log, tmp_path):
    folder = tmp_path / "ranking"

    result = command(
        *("rank", log, "--label", "click", "--combinations", 3, "--redundancy"),
        *("--ignore", "good", "--ignore", "part", "--transforms", "--out", folder),
    )

    assert result.exit_code == 0, result.output
    first = result.output.partition("together with the label")[2].splitlines()[2]
    assert first.startswith("site x left x right")
    assert f"saved: {folder}/report.md" in result.output
    assert Importance.load(folder / "combinations").unit == "cross"
    assert Importance.load(folder / "order").scores.max() == 4
    again = command("rank", log, "--label", "click", "--out", folder)
    assert again.exit_code == 2
    assert "folder must not exist" in again.stderr


def test_json(command, log):
    result = command("rank", log, "--label", "click", "--split", "part", "--json")

    found = json.loads(result.stdout)
    assert found["fields"]["unit"] == "field"
    assert found["quality"]["num_rows"] < 2000
    assert "part" not in found["fields"]["names"]


def test_file_replaces_guesses(command, log, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        f'[data]\npath = "{log}"\nlabel = "click"\nsplit = "part"\n'
        '[fields.left]\nkind = "numeric"\n'
    )

    result = command("rank", "--schema", file, "--every", 2, "--json")

    assert json.loads(result.stdout)["quality"]["num_rows"] < 1000


def test_help_names_every_score(command):
    text = " ".join(command("rank", "--help").output.split())

    # The help is written without loading the package.
    scores = text.partition("--heuristic:")[2].partition("The folder")[0]
    assert all(name in scores for name in HEURISTICS)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "--label must name the column to rank by, got []"),
        (["--label", "clik"], "did you mean 'click'"),
        (["--label", "click", "--heuristic", "mi"], "heuristic must be one of"),
        (["--label", "click", "--pairs", "0"], "max_combinations must be positive"),
    ],
)
def test_errors(command, log, arguments, text):
    result = command("rank", log, *arguments)

    assert result.exit_code == 2
    assert text in result.stderr
