"""A run folder appears whole, or not at all."""

import pytest

from fieldwise.cli.run_folder import (
    default_folder,
    find_ranker,
    free_folder,
    new_run_folder,
)
from fieldwise.errors import DataError


def make(folder, text, *, overwrite=False):
    with new_run_folder(folder, overwrite=overwrite) as partial:
        (partial / "config.toml").write_text(text)


def test_new_folder(tmp_path):
    make(tmp_path / "runs" / "a", "one")

    assert (tmp_path / "runs" / "a" / "config.toml").read_text() == "one"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["a"]
    assert (tmp_path / "runs" / "a").stat().st_mode & 0o777 == 0o755


def test_nothing_is_left_of_a_failed_run(tmp_path):
    with (
        pytest.raises(KeyboardInterrupt),
        new_run_folder(tmp_path / "a", overwrite=True),
    ):
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_replaces_nothing(tmp_path):
    make(tmp_path / "a", "one")

    with (
        pytest.raises(ZeroDivisionError),
        new_run_folder(tmp_path / "a", overwrite=True),
    ):
        1 / 0  # noqa: B018

    assert (tmp_path / "a" / "config.toml").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_overwrite(tmp_path):
    make(tmp_path / "a", "one")
    with pytest.raises(
        DataError, match=r"--out must be a new folder.*Pass --overwrite"
    ):
        make(tmp_path / "a", "two")

    make(tmp_path / "a", "two", overwrite=True)

    assert (tmp_path / "a" / "config.toml").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_only_runs_are_overwritten(tmp_path):
    (tmp_path / "photos").mkdir()

    with pytest.raises(DataError, match="It holds no run"):
        make(tmp_path / "photos", "two", overwrite=True)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("logs/clicks.csv.gz", "clicks-lr"),
        ("logs/", "logs-lr"),
        ("logs/part-*.csv", "part-lr"),
        ("*.csv", "run-lr"),
        (".", "run-lr"),
    ],
)
def test_default_folder_is_named_after_the_data(path, name):
    assert default_folder(path, "lr").as_posix() == f"runs/{name}"


def test_free_folder(tmp_path):
    assert free_folder(tmp_path / "a") == tmp_path / "a"

    (tmp_path / "a").mkdir()
    (tmp_path / "a-2").mkdir()

    assert free_folder(tmp_path / "a") == tmp_path / "a-3"


def test_find_ranker(tmp_path):
    assert find_ranker(tmp_path) == tmp_path

    (tmp_path / "ranker").mkdir()

    assert find_ranker(tmp_path) == tmp_path / "ranker"
