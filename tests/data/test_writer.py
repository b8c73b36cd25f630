"""Folders that appear whole, and the rows in them."""

import numpy as np
import pytest

from fieldwise.data.writer import RowWriter, new_folder


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


def test_appended_rows_and_lists(tmp_path):
    int32 = np.int32
    with RowWriter(tmp_path, num_sequences=2) as writer:
        first = (np.array([7, 8, 9], int32), np.array([1, 2]))
        writer.append(np.array([[1, 2], [3, 4]], int32), [first, first])
        last = (np.array([5], int32), np.array([1]))
        writer.append(np.array([[5, 6]], int32), [last, last])
        nothing = (np.array([], int32), np.array([], np.int64))
        writer.append(np.empty((0, 2), int32), [nothing, nothing])

    assert writer.num_rows == 3
    rows = np.fromfile(tmp_path / "rows.i32", int32)
    assert rows.tolist() == [1, 2, 3, 4, 5, 6]
    for number in range(2):
        items = np.fromfile(tmp_path / f"sequence_{number}.i32", int32)
        offsets = np.fromfile(tmp_path / f"sequence_{number}.offsets.i64", np.int64)
        assert items.tolist() == [7, 8, 9, 5]
        assert offsets.tolist() == [0, 1, 3, 4]
