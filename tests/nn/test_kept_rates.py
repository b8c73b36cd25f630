"""Rates kept on disk: read back, and nothing breaks where they cannot be."""

import json
from pathlib import Path

import pytest

from fieldwise.nn import _kept_rates

RATES = {"native": 100.0, "onednn": 200.5}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "deep" / "cache"))
    return tmp_path / "deep"


def test_reads_what_was_written(folder):
    _kept_rates.write("a", RATES)
    _kept_rates.write("b", RATES | {"bf16": 400.0})

    assert _kept_rates.read("a") == RATES
    assert _kept_rates.read("b") == RATES | {"bf16": 400.0}
    assert _kept_rates.read("c") is None
    assert [path.name for path in folder.iterdir()] == ["cache-arithmetic.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": 1}',
        '{"a": {"native": 1.0}}',
        '{"a": {"native": 1.0, "onednn": "fast"}}',
        '{"a": {"native": 1.0, "onednn": -1.0}}',
        '{"a": {"native": 1.0, "onednn": 1.0, "other": 1.0}}',
        "\udcff",
    ],
)
def test_a_damaged_file_counts_as_none_and_is_mended(folder, text):
    folder.mkdir()
    _kept_rates.path().write_bytes(text.encode(errors="surrogateescape"))

    assert _kept_rates.read("a") is None

    _kept_rates.write("a", RATES)

    assert _kept_rates.read("a") == RATES


def test_a_folder_that_cannot_be_written(folder):
    folder.write_text("a file where the folder should be")

    _kept_rates.write("a", RATES)

    assert _kept_rates.read("a") is None


def test_nothing_is_left_of_a_failed_replacement(folder, monkeypatch):
    def fail(*_):
        raise OSError

    monkeypatch.setattr(Path, "replace", fail)

    _kept_rates.write("a", RATES)

    assert list(folder.iterdir()) == []


def test_folder_of_the_platform(monkeypatch, tmp_path):
    monkeypatch.delenv("FIELDWISE_CACHE")
    monkeypatch.setattr(_kept_rates.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert _kept_rates.path() == tmp_path / "fieldwise-arithmetic.json"

    # A relative one is invalid, says the specification.
    monkeypatch.setenv("XDG_CACHE_HOME", "here")

    assert _kept_rates.path().parent == Path.home() / ".cache"


@pytest.mark.parametrize(
    ("platform", "folder"), [("darwin", "Library/Caches"), ("win32", "AppData/Local")]
)
def test_folders_of_other_platforms(monkeypatch, platform, folder):
    monkeypatch.delenv("FIELDWISE_CACHE")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(_kept_rates.sys, "platform", platform)

    assert _kept_rates.path().parent == Path.home() / folder


def test_a_machine_is_told_from_another():
    import torch

    assert f"torch {torch.__version__}" in _kept_rates.machine()
    assert _kept_rates.machine() == _kept_rates.machine()
    assert json.dumps(_kept_rates.machine())
