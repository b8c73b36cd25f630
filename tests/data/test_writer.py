"""The rows of a dataset folder, chunk after chunk."""

import numpy as np

from fieldwise.data.writer import RowWriter


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
