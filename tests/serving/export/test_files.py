"""Files that appear whole, or not at all."""

import pytest

from fieldwise.errors import DataError
from fieldwise.serving.export.files import check_free, companion, new_file


def test_file_and_companion_take_the_place_of_old_ones(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_text("old")

    with new_file(path) as partial:
        partial.write_text("new")
        companion(partial).write_text("tensors")
        assert path.read_text() == "old"

    assert path.read_text() == "new"
    assert companion(path).read_text() == "tensors"

    with new_file(path) as partial:
        partial.write_text("small")

    # A companion of the file before is none of this one.
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]


def test_nothing_is_left_of_a_failure(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_text("old")

    def fail():
        with new_file(path) as partial:
            partial.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]
    assert path.read_text() == "old"


def test_what_is_there_is_not_replaced_unasked(tmp_path):
    path = tmp_path / "model.onnx"
    check_free(path, overwrite=False)
    path.write_text("old")

    check_free(path, overwrite=True)
    with pytest.raises(DataError, match=r"must not exist, got .*overwritten"):
        check_free(path, overwrite=False)
    with pytest.raises(DataError, match="It is a folder"):
        check_free(tmp_path, overwrite=True)
    with pytest.raises(DataError, match="must be in a folder that exists"):
        check_free(tmp_path / "no" / "model.onnx", overwrite=False)
