"""The cache under several processes at once, and under processes that are killed."""

import subprocess
import sys
import time

import pytest

from fieldwise.data.cache import Cache

KEY = "3f9a21c07b55"
WRITER = """
import sys, time, pathlib
from fieldwise.data.cache import Cache

root, name, seconds = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])

def make(folder):
    (folder / "rows").write_bytes(b"12")
    (root.parent / f"{name}.started").touch()
    time.sleep(seconds)
    (folder / "rows").write_bytes(b"1234")
    return 4

def read(folder):
    return (folder / "rows").read_text()

lease = Cache(root).get_or_make(sys.argv[4], make, read)
print("made" if lease.is_new else "found", lease.content, flush=True)
sys.stdin.read()
"""
CROWD = """
import sys, pathlib
from fieldwise.data.cache import Cache

cache = Cache(pathlib.Path(sys.argv[1]))

def make(folder):
    (folder / "a").write_text("a" * 100)
    (folder / "b").write_text("b" * 100)
    return 1

def read(folder):
    return (folder / "a").read_text() + (folder / "b").read_text()

for turn in range(40):
    key = f"key-{turn % 2}"
    with cache.get_or_make(key, make, read) as lease:
        assert lease.content == "a" * 100 + "b" * 100
        assert read(lease.folder) == lease.content
    for entry in cache.entries():
        cache.remove(entry)
    cache.sweep()
"""


@pytest.fixture
def root(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def start(root):
    """Start a process that makes an entry, and holds it until its input ends."""
    running = []

    def start(name, seconds, key=KEY):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, root, name, str(seconds), key],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_for(path):
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, f"{path} must appear"
        time.sleep(0.01)


def make(folder):
    (folder / "rows").write_bytes(b"1234")
    return 4


def read(folder):
    return (folder / "rows").read_text()


def test_two_writers_make_an_entry_once(root, start):
    writers = [start(name, 0.5) for name in ("one", "two")]

    answers = [process.stdout.readline() for process in writers]

    assert sorted(answers) == ["found 1234\n", "made 1234\n"]
    assert [path.name for path in (root / "encoded").iterdir()] == [KEY]


def test_a_killed_writer_leaves_nothing_that_disturbs(root, start, tmp_path):
    victim = start("victim", 60)
    wait_for(tmp_path / "victim.started")
    (left,) = (root / "encoded").iterdir()
    assert left.name.endswith(".partial")

    victim.kill()
    victim.wait()

    assert Cache(root).entries() == []
    with Cache(root).get_or_make(KEY, make, read) as lease:
        assert lease.content == "1234"
    assert [path.name for path in (root / "encoded").iterdir()] == [KEY]


def test_who_waits_for_a_killed_writer_takes_over(root, start, tmp_path):
    victim = start("victim", 60)
    wait_for(tmp_path / "victim.started")
    heir = start("heir", 0)
    time.sleep(0.3)
    assert not (tmp_path / "heir.started").exists()

    victim.kill()

    assert heir.stdout.readline() == "made 1234\n"


def test_what_a_killed_writer_left_goes_with_the_next_entry(root, start, tmp_path):
    victim = start("victim", 60, "other")
    wait_for(tmp_path / "victim.started")
    victim.kill()
    victim.wait()

    Cache(root).get_or_make(KEY, make, read).release()

    assert [path.name for path in (root / "encoded").iterdir()] == [KEY]


def test_an_entry_stays_while_another_process_uses_it(root, start):
    user = start("user", 0)
    assert user.stdout.readline() == "made 1234\n"
    (entry,) = Cache(root).entries()

    assert not Cache(root).remove(entry)
    user.kill()
    user.wait()
    assert Cache(root).remove(entry)

    assert list((root / "encoded").iterdir()) == []
    assert not list((root / "locks").glob("*.use"))


def test_a_crowd_that_makes_and_clears(root):
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", CROWD, root], stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]

    errors = [process.communicate(timeout=120)[1] for process in crowd]

    assert [process.returncode for process in crowd] == [0, 0, 0], errors
    assert errors == ["", "", ""]
