"""Folders that appear whole, or not at all."""

from pathlib import Path

import pytest

from fieldwise._new_folder import new_folder


def test_a_folder_appears_when_it_is_complete(tmp_path):
    folder = tmp_path / "deep" / "rows"
    with new_folder(folder) as partial:
        (partial / "file").write_text("x")
        assert not folder.exists()
        assert partial.parent == folder.parent
    assert [path.name for path in folder.parent.iterdir()] == ["rows"]
    assert (folder / "file").read_text() == "x"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_folder_that_fails_never_appears(tmp_path, error):
    def fill():
        with new_folder(tmp_path / "rows") as partial:
            (partial / "file").write_text("x")
            raise error

    with pytest.raises(error):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_what_an_earlier_crash_left_is_removed(tmp_path):
    with new_folder(tmp_path / "rows") as partial:
        pass
    (tmp_path / "rows").rmdir()
    partial.mkdir()
    (partial / "stale").write_text("x")
    with new_folder(tmp_path / "rows") as again:
        assert again == partial
        assert list(again.iterdir()) == []


def test_a_folder_that_appeared_meanwhile_is_kept(tmp_path):
    folder = tmp_path / "rows"

    def fill():
        with new_folder(folder):
            folder.mkdir()
            (folder / "file").write_text("theirs")

    with pytest.raises(OSError, match="not empty"):
        fill()
    assert (folder / "file").read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_an_old_folder_stays_until_the_new_one_is_complete(tmp_path):
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "old").write_text("x")

    with new_folder(folder, replace=True) as partial:
        (partial / "new").write_text("y")
        assert (folder / "old").exists()

    assert [path.name for path in folder.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]


def test_an_old_folder_comes_back_when_the_last_rename_fails(tmp_path, monkeypatch):
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "old").write_text("x")
    rename = Path.rename

    def refuse_partial(path, target):
        if path.name.endswith(".partial"):
            raise OSError(5, "disk is gone")
        return rename(path, target)

    def fill():
        with new_folder(folder, replace=True):
            monkeypatch.setattr(Path, "rename", refuse_partial)

    with pytest.raises(OSError, match="disk is gone"):
        fill()
    assert (folder / "old").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]
