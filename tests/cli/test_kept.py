"""What a fit keeps until the next one, and when it keeps nothing."""

import logging

import pytest

from fieldwise.cli.kept import kept_for
from fieldwise.data.cache import Cache


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_same_run_folder_finds_the_same_state(root, tmp_path):
    found = []
    for name in ("one", "one", "two"):
        with kept_for(tmp_path / name, wanted=True) as kept:
            found.append(kept.checkpoints)

    assert found[0] == found[1] != found[2]
    assert found[0].parent == root / "checkpoints"


def test_the_state_is_listed_held_and_forgotten(root, tmp_path):
    with kept_for(tmp_path / "run", wanted=True) as kept:
        (entry,) = Cache().entries()
        assert entry.kind == "checkpoint"
        assert entry.made_from == f"unfinished fit of {tmp_path / 'run'}"
        assert not Cache().remove(entry)
        kept.forget_state()

    assert Cache().entries() == []


def test_nothing_is_kept_unasked(root, tmp_path):
    with kept_for(tmp_path / "run", wanted=False) as kept:
        assert (kept.cache, kept.checkpoints) == (None, None)
        kept.forget_state()

    assert not root.exists()


def test_a_cache_that_cannot_be_written_stops_no_fit(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FIELDWISE_CACHE", str(tmp_path / "file" / "cache"))

    with (
        caplog.at_level(logging.WARNING, "fieldwise"),
        kept_for(tmp_path / "run", wanted=True) as kept,
    ):
        assert kept.cache is None

    assert "nothing is kept" in caplog.text
