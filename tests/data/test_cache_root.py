"""Where the cache is."""

import sys
from pathlib import Path

import pytest

from fieldwise.data._cache_root import default_root, is_root, prepare_root
from fieldwise.data.cache import Cache
from fieldwise.errors import DataError


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    for name in ("FIELDWISE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", ".cache/fieldwise"),
        ("darwin", "Library/Caches/fieldwise"),
        ("win32", "AppData/Local/fieldwise/Cache"),
    ],
)
def test_each_platform_has_a_place(home, monkeypatch, platform, folder):
    monkeypatch.setattr(sys, "platform", platform)

    assert default_root() == home / folder


def test_the_environment_wins(home, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_root() == home / ".cache" / "fieldwise"
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
    assert default_root() == home / "xdg" / "fieldwise"
    monkeypatch.setenv("FIELDWISE_CACHE", "")
    assert default_root() == home / "xdg" / "fieldwise"
    monkeypatch.setenv("FIELDWISE_CACHE", "~/mine")
    assert Cache().root == (home / "mine").resolve()
    assert Cache(Path("~/given")).root == (home / "given").resolve()


def test_a_root_is_marked_as_a_cache(home):
    folder = home / "deep" / "cache"
    assert not is_root(folder)

    for _ in range(2):
        prepare_root(folder)

    assert is_root(folder)
    assert [path.name for path in folder.iterdir()] == ["CACHEDIR.TAG"]
    # the first line is the one of https://bford.info/cachedir/
    text = (folder / "CACHEDIR.TAG").read_text("utf-8")
    assert text.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_the_cache_of_another_program(home):
    (home / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    (home / "wheels").mkdir()

    assert not is_root(home)
    with pytest.raises(DataError, match="of its own"):
        prepare_root(home)
