"""What is kept between runs is listed and cleared."""

import json
import os
from datetime import timedelta

import pytest

from fieldwise.cli.cache import age_text, size_text
from fieldwise.data.cache import Cache

KEYS = ["3f9a21c07b55" + "0" * 52, "3f00" + "1" * 60]


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def cache(root):
    """Two entries of encoded rows, the second 40 days old, and a checkpoint."""

    def make(folder):
        (folder / "rows").write_bytes(bytes(1500))
        return 1234

    cache = Cache(root)
    for key, name in zip(KEYS, ("clicks.csv", "old\x1b[2J.csv"), strict=True):
        cache.get_or_make(key, make, lambda folder: None, made_from=name).release()
    (root / "checkpoints" / "run-1").mkdir(parents=True)
    (root / "checkpoints" / "run-1" / "state").write_bytes(bytes(10))
    (entry,) = (item for item in cache.entries() if item.key == KEYS[1])
    then = entry.last_used.timestamp() - 40 * 24 * 3600
    for file in (root / "encoded" / KEYS[1]).iterdir():
        os.utime(file, (then, then))
    return cache


def keys_of(cache):
    return sorted(entry.key for entry in cache.entries())


def test_list(command, cache):
    result = command("cache", "ls")

    assert result.exit_code == 0
    heading, first, second, third, last = result.output.splitlines()
    assert " ".join(heading.split()) == ("key kind rows size age last used made from")
    rows = {line.split()[0]: line for line in (first, second, third)}
    assert set(rows) == {"run-1", *(key[:12] for key in KEYS)}
    row = rows[KEYS[0][:12]].split()
    assert row[1:3] == ["encoded", "1,234"]
    assert row[-5:] == ["0", "min", "0", "min", "clicks.csv"]
    assert rows["run-1"].split()[1:5] == ["checkpoint", "-", "10", "B"]
    assert "40 days" in rows[KEYS[1][:12]]
    assert "\x1b" not in result.output
    assert last.startswith("3 entries, ")
    assert last.endswith(str(cache.root))


def test_json(command, cache):
    rows = json.loads(command("cache", "ls", "--json").output)

    entry = next(row for row in rows if row["key"] == KEYS[0])
    assert set(entry) == {
        *("kind", "key", "num_rows", "num_bytes"),
        *("created", "last_used", "made_from"),
    }
    assert (entry["kind"], entry["num_rows"], entry["made_from"]) == (
        *("encoded", 1234),
        "clicks.csv",
    )
    assert [row["num_rows"] for row in rows if row["kind"] == "checkpoint"] == [None]


def test_nothing_kept(command, root):
    assert command("cache", "ls").output == f"0 entries, 0 B in {root}\n"
    assert json.loads(command("cache", "ls", "--json").output) == []
    assert command("cache", "clear").output == f"freed 0 entries, 0 B in {root}\n"
    assert not root.exists()


def test_clear_one_by_the_beginning_of_its_key(command, cache):
    result = command("cache", "clear", "3f9a", "--yes")

    assert result.exit_code == 0
    assert result.output.startswith("freed 1 entry, ")
    assert keys_of(cache) == sorted([KEYS[1], "run-1"])


def test_clear_what_was_not_used_for_long(command, cache):
    assert command("cache", "clear", "--older-than", 41, "--yes").exit_code == 0
    assert len(keys_of(cache)) == 3

    command("cache", "clear", "--older-than", 39.5, "--yes")

    assert keys_of(cache) == sorted([KEYS[0], "run-1"])


def test_clear_everything(command, cache):
    left = cache.root / "encoded" / f".{KEYS[0]}.1.partial"
    left.mkdir()
    (left / "rows").write_bytes(bytes(2000))

    result = command("cache", "clear", "--yes")

    assert "freed 3 entries, " in result.output
    assert "freed 2.0 kB that killed runs had left" in result.output
    assert cache.entries() == []
    assert sorted(os.listdir(cache.root)) == [
        *("CACHEDIR.TAG", "checkpoints", "encoded", "locks")
    ]


@pytest.mark.parametrize(
    ("answer", "is_gone"), [("y\n", True), ("n\n", False), ("", 0)]
)
def test_clear_asks_and_tells_what_it_frees(cache, answer, is_gone):
    from typer.testing import CliRunner

    from fieldwise.cli.main import app

    result = CliRunner().invoke(app, ["cache", "clear", "3f9a"], input=answer)

    assert "Delete 1 entry, " in result.output
    assert "clicks.csv" in result.output
    assert (KEYS[0] not in keys_of(cache)) == is_gone
    assert result.exit_code == (0 if is_gone else 1)


def test_clear_keeps_what_is_in_use(command, cache):
    with cache.get_or_make(KEYS[0], lambda folder: 0, lambda folder: None):
        result = command("cache", "clear", "--yes")

    assert result.exit_code == 0
    assert result.stderr == "kept 3f9a21c07b55: a run uses it right now\n"
    assert keys_of(cache) == [KEYS[0]]


def test_keys_that_name_nothing_or_several(command, cache):
    result = command("cache", "clear", "3f", "../..", "--yes")

    assert result.exit_code == 2
    assert "must name one entry, got '3f' for 2" in result.stderr
    assert "got '../..' for 0" in result.stderr
    assert len(keys_of(cache)) == 3


def test_a_folder_of_something_else(command, root):
    root.mkdir()
    (root / "thesis.tex").touch()

    for arguments in (["ls"], ["clear", "--yes"]):
        result = command("cache", *arguments)
        assert result.exit_code == 2
        assert "must be a folder that fieldwise made" in result.stderr
    assert os.listdir(root) == ["thesis.tex"]


@pytest.mark.parametrize(
    ("num_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (10**9, "1.0 GB"),
    ],
)
def test_sizes(num_bytes, text):
    assert size_text(num_bytes) == text


@pytest.mark.parametrize(
    ("hours", "text"),
    [(-1, "0 min"), (0.99, "59 min"), (1, "1 h"), (47.9, "47 h"), (48, "2 days")],
)
def test_ages(hours, text):
    assert age_text(timedelta(hours=hours)) == text
