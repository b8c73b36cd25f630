"""Files with checksums, and errors that name the file."""

import pytest

from fieldwise.data.checked_files import checksums, naming, read_checked
from fieldwise.errors import DataError, RankerFormatError, SchemaError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"abc")
    return tmp_path


def test_checksums_of_a_folder(folder):
    assert checksums(folder) == {
        # sha256 of "abc" and of nothing, as FIPS 180-2 prints them
        "a": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "deep/b": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }


def test_reading_checks(folder):
    wanted = checksums(folder)
    assert read_checked(folder, "a", wanted) == b"abc"

    (folder / "a").write_bytes(b"abd")
    for noted in (wanted, {}):
        with pytest.raises(DataError, match="must have the checksum"):
            read_checked(folder, "a", noted)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("x"), r"f\.json cannot be used: KeyError: 'x'\.$"),
        (SchemaError("fields must differ."), r"^f\.json cannot be used: fields must"),
        (DataError("a."), r"^f\.json cannot be used: a\.$"),
    ],
)
def test_errors_name_the_file(error, text):
    with (
        pytest.raises(RankerFormatError, match=text),
        naming("f.json", RankerFormatError),
    ):
        raise error


def test_an_interrupt_is_no_damage():
    with pytest.raises(KeyboardInterrupt), naming("f.json", DataError):
        raise KeyboardInterrupt
