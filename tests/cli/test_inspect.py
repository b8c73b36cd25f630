"""The table of columns, for people and for machines."""

import json

import polars as pl
import pytest


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    sites = ["a", "b", "c", "d"] * 15
    frame = pl.DataFrame(
        {
            "site": sites,
            "note": ["\x1b[2J" + "long " * 40, None] * 30,
            "hour": list(range(12)) * 5,
            "part": ["train", "test"] * 30,
            "click": [1, 0] * 30,
            "same": ["y", "n"] * 30,
        }
    )
    frame.write_csv(path)
    return path


def test_each_column_is_explained(command, table):
    result = command("inspect", table, "--label", "click")

    lines = result.output.splitlines()
    assert lines[0].split() == [
        "column",
        "kind",
        "type",
        "distinct",
        "nulls",
        "examples",
        "why",
    ]
    assert [line.split()[0] for line in lines[1:7]] == pl.read_csv(table).columns
    assert "binary label" in result.output
    assert "50.0%" in result.output
    assert any(line.startswith("warning: same: ") for line in lines[7:])


def test_raw_values_cannot_move_the_cursor(command, table):
    result = command("inspect", table)

    assert "\x1b" not in result.output
    assert "\\x1b[2J" in result.output
    assert all(len(line) < 200 for line in result.output.splitlines())


def test_json(command, table):
    result = command("inspect", table, "--label", "click", "--json")

    rows = {row["column"]: row for row in json.loads(result.output)}
    assert rows["hour"]["kind"] == "categorical"
    assert rows["click"]["role"] == "label"
    assert rows["note"]["null_share"] == 0.5
    assert rows["same"]["warnings"]


def test_file_replaces_guesses(command, table, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        f'[data]\npath = "{table}"\nlabel = "click"\nignore = "note"\nsplit = "part"\n'
        '[fields.hour]\nkind = "numeric"\n[recipe]\nseed = 1\n'
    )

    result = command("inspect", "--schema", file, "--json")

    rows = {row["column"]: row for row in json.loads(result.output)}
    assert (rows["hour"]["kind"], rows["hour"]["reason"]) == (
        "numeric",
        "numeric on request",
    )
    assert {rows["note"]["role"], rows["part"]["role"]} == {"ignored"}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--label", "clik"], "did you mean 'click'"),
        (["--schema", "no.toml"], "config must be a readable file"),
    ],
)
def test_errors(command, table, arguments, text):
    result = command("inspect", table, *arguments)

    assert result.exit_code == 2
    assert text in result.stderr


def test_no_data(command):
    result = command("inspect")

    assert result.exit_code == 2
    assert "data.path must be given" in result.stderr


def test_typo_in_the_file(command, table, tmp_path):
    (tmp_path / "run.toml").write_text('[fields.hour]\nkinds = "numeric"\n')

    result = command("inspect", table, "--schema", tmp_path / "run.toml")

    assert result.exit_code == 2
    assert "unknown key fields.hour.kinds. Did you mean 'kind'?" in result.stderr
