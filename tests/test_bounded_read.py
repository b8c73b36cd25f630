"""Files of strangers: regular, and not huge."""

import os
import tracemalloc

import pytest

from fieldwise._bounded_read import read_bounded
from fieldwise.errors import DataError


def test_a_file_is_read(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("file")

    assert read_bounded(tmp_path / "file") == b"abc"
    assert read_bounded(tmp_path / "link", max_bytes=3) == b"abc"


def test_a_large_file_is_not_read(tmp_path):
    (tmp_path / "file").touch()
    os.truncate(tmp_path / "file", 2**40)  # takes no space

    with pytest.raises(DataError, match=r"at most 268435456 bytes, got 1099511627776"):
        read_bounded(tmp_path / "file")
    with pytest.raises(DataError, match="at most 5 bytes"):
        read_bounded(tmp_path / "file", max_bytes=5)


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/tty", "pipe", ".", "/"])
def test_what_is_no_file_is_not_waited_for(tmp_path, target):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(target)

    with pytest.raises(DataError, match="must be a regular file"):
        read_bounded(tmp_path / "link")


def test_a_missing_file(tmp_path):
    (tmp_path / "link").symlink_to("link")

    for name in ("nothing", "link"):
        with pytest.raises(OSError, match=name):
            read_bounded(tmp_path / name)


def test_a_file_of_another_checksum_does_not_get_into_memory(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    # sha256 of "abc", as FIPS 180-2 prints it
    right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert read_bounded(tmp_path / "file", sha256=right) == b"abc"

    os.truncate(tmp_path / "file", 2**27)
    tracemalloc.start()
    with pytest.raises(DataError, match="must have the checksum"):
        read_bounded(tmp_path / "file", sha256=right)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2**23
