import logging

import pytest

from fieldwise.cli.results_folder import logged_in
from fieldwise.errors import DataError


def test_a_folder_of_which_nothing_comes_is_gone(tmp_path):
    with logged_in(tmp_path / "x", overwrite=False):
        assert (tmp_path / "x" / "log.txt").is_file()

    assert not (tmp_path / "x").exists()


def test_the_log_is_kept_and_goes_on(tmp_path):
    folder = tmp_path / "x"
    for text in ("first", "second"):
        with logged_in(folder, overwrite=False):
            (folder / "comparison.json").touch()
            logging.getLogger("fieldwise.search").info(text)

    log = (folder / "log.txt").read_text("utf-8")
    assert log.index("first") < log.index("second")
    with logged_in(folder, overwrite=True):
        pass
    assert (folder / "log.txt").read_text("utf-8") == ""


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "notes.txt").touch()

    with (
        pytest.raises(DataError, match="must be a new folder"),
        logged_in(tmp_path, overwrite=True),
    ):
        pass
