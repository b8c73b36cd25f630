"""Entries are found by content, whole, kept while used, and deleted only at home."""

import json
import logging
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from fieldwise.data.cache import Cache
from fieldwise.errors import DataError

KEY = "3f9a21c07b55" + "0" * 52
OTHER = "b" * 64


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


@pytest.fixture
def entry(cache):
    return cache.root / "encoded" / KEY


def make(folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "rows").write_bytes(b"12345")
    (folder / "shares").write_bytes(b"123")
    return 7


def read(folder):
    return (folder / "deep" / "rows").read_text()


def never(folder):
    pytest.fail("must not be made again")


def fill(cache, key=KEY, **settings):
    cache.get_or_make(key, make, read, **settings).release()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_second_run_finds_what_the_first_made(cache, entry):
    first = cache.get_or_make(KEY, make, read)
    second = Cache(cache.root).get_or_make(KEY, never, read)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.content == second.content == "12345"
    assert first.folder == second.folder == entry
    assert names(cache.root) == ["CACHEDIR.TAG", "encoded", "locks"]
    assert names(cache.root / "encoded") == [KEY]


def test_the_manifest_tells_what_the_entry_is(cache, entry):
    fill(cache, made_from="clicks.csv")

    manifest = json.loads((entry / "manifest.json").read_text("utf-8"))
    assert manifest["key"] == KEY
    assert manifest["made_from"] == "clicks.csv"
    assert manifest["num_rows"] == 7
    assert manifest["num_bytes"] == 8
    assert manifest["files"] == {"deep/rows": 5, "shares": 3}
    assert {"created", "fieldwise", "format_version"} < set(manifest)


def test_a_failing_maker_leaves_nothing(cache):
    def fail(folder):
        make(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.get_or_make(KEY, fail, read)

    assert names(cache.root / "encoded") == []
    assert cache.get_or_make(KEY, make, read).is_new


# Damage


def truncate(entry):
    (entry / "deep" / "rows").write_bytes(b"12")


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (truncate, "deep/rows must have 5 bytes, got 2"),
        (lambda entry: (entry / "shares").unlink(), "shares must have 3 bytes, got no"),
        (lambda entry: (entry / "manifest.json").unlink(), "manifest.json must tell"),
        (lambda entry: (entry / "manifest.json").write_text("{"), "manifest.json must"),
        (lambda entry: (entry / "manifest.json").write_text("[]"), "manifest.json mu"),
        (
            lambda entry: (entry / "manifest.json").write_text(f'{{"key": "{OTHER}"}}'),
            "manifest.json must",
        ),
    ],
)
def test_a_damaged_entry_is_made_again_and_says_so(cache, entry, caplog, damage, text):
    fill(cache)
    damage(entry)

    lease = cache.get_or_make(KEY, make, read)

    assert lease.is_new
    assert lease.content == "12345"
    assert names(cache.root / "encoded") == [KEY]
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert text in warnings[0]


def test_an_entry_that_cannot_be_read_is_made_again(cache):
    fill(cache)
    found = []

    def read_once_more(folder):
        found.append(folder)
        if len(found) == 1:
            message = "its schema is a lie."
            raise DataError(message)
        return read(folder)

    lease = cache.get_or_make(KEY, make, read_once_more)

    assert lease.is_new
    assert lease.content == "12345"


def test_what_cannot_be_read_at_once_is_an_error(cache):
    def refuse(folder):
        message = "no."
        raise DataError(message)

    with pytest.raises(DataError, match="no"):
        cache.get_or_make(KEY, make, refuse)


# Two at a time (tests with processes of their own: test_cache_processes.py)


def test_threads_make_an_entry_once(cache):
    made, leases = [], []

    def slow(folder):
        made.append(folder)
        time.sleep(0.2)
        return make(folder)

    def run():
        leases.append(cache.get_or_make(KEY, slow, read))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert [lease.content for lease in leases] == ["12345"] * 3
    assert sum(lease.is_new for lease in leases) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_without_locks_one_of_two_wins(cache, entry, monkeypatch, fails):
    rename = Path.rename

    def make_late(folder):
        # The other process comes in between, and ends first.
        Cache(cache.root.with_name("other")).get_or_make(KEY, make, read)
        if not fails:
            rename(cache.root.with_name("other") / "encoded" / KEY, entry)
        return make(folder)

    def rename_late(path, target):
        if fails and path.name.endswith(".partial") and target == entry:
            rename(cache.root.with_name("other") / "encoded" / KEY, entry)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", rename_late)
    lease = cache.get_or_make(KEY, make_late, read)

    assert lease.content == "12345"
    assert names(cache.root / "encoded") == [KEY]


def test_a_full_disk_is_an_error(cache):
    def fail(folder):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        cache.get_or_make(KEY, fail, read)


# Listing


def test_entries_are_those_of_both_kinds_used_last_first(cache, entry):
    fill(cache, made_from="clicks.csv")
    fill(cache, OTHER)
    state = cache.root / "checkpoints" / "run-1"
    state.mkdir(parents=True)
    (state / "state.safetensors").write_bytes(b"1234")
    (state / "manifest.json").write_text('{"made_from": "fit of clicks"}')
    for path, age in [(entry, 100), (entry.with_name(OTHER), 300), (state, 200)]:
        then = time.time() - age
        for file in path.rglob("*"):
            os.utime(file, (then, then))

    found = cache.entries()

    assert [item.key for item in found] == [KEY, "run-1", OTHER]
    assert [item.kind for item in found] == ["encoded", "checkpoint", "encoded"]
    assert [item.num_rows for item in found] == [7, None, 7]
    assert [item.made_from for item in found] == ["clicks.csv", "fit of clicks", ""]
    assert found[1].num_bytes == 4 + 30
    assert found[0].last_used - found[2].last_used == pytest.approx(
        timedelta(seconds=200), abs=timedelta(seconds=1)
    )
    assert json.loads(json.dumps(found[0].to_dict()))["num_rows"] == 7


def test_a_hit_counts_as_a_use(cache, entry):
    fill(cache)
    for file in entry.rglob("*"):
        os.utime(file, (1e9, 1e9))
    (before,) = cache.entries()

    fill(cache)

    (after,) = cache.entries()
    assert before.last_used == before.created == after.created
    assert after.last_used > before.last_used + timedelta(days=1)


def test_damaged_entries_and_strange_files_are_listed_or_passed_over(cache, entry):
    fill(cache)
    (entry / "manifest.json").write_bytes(b"\xff")
    (cache.root / "encoded" / "a file").touch()
    (cache.root / "encoded" / ".hidden").mkdir()

    (found,) = cache.entries()

    assert (found.key, found.num_rows, found.made_from) == (KEY, None, "")


def test_no_cache_yet(tmp_path):
    assert Cache(tmp_path / "none").entries() == []
    assert Cache(tmp_path).entries() == []
    assert Cache(tmp_path).sweep() == 0
    assert names(tmp_path) == []


# Clearing


def test_an_entry_in_use_stays(cache, entry):
    lease = cache.get_or_make(KEY, make, read)
    with cache.get_or_make(KEY, never, read):
        lease.release()
        lease.release()
        assert not cache.remove(cache.entries()[0])
        assert read(entry) == "12345"

    assert cache.remove(cache.entries()[0])
    assert names(cache.root / "encoded") == []
    assert [name for name in names(cache.root / "locks") if "use" in name] == []


def test_a_forgotten_lease_ends(cache):
    lease = cache.get_or_make(KEY, make, read)
    (entry,) = cache.entries()
    assert not cache.remove(entry)

    del lease

    assert cache.remove(entry)


def test_an_entry_that_is_being_made_stays(cache):
    def slow(folder):
        (entry,) = cache.entries()
        assert not cache.remove(entry)
        assert cache.sweep() == 0
        return make(folder)

    fill(cache)
    truncate(cache.root / "encoded" / KEY)

    assert cache.get_or_make(KEY, slow, read).is_new


def test_removing_twice(cache):
    fill(cache)
    (entry,) = cache.entries()

    assert cache.remove(entry)
    assert cache.remove(entry)
    assert cache.get_or_make(KEY, make, read).is_new


def test_checkpoints_are_held(cache):
    with cache.hold_checkpoint("run-1") as lease:
        assert lease.folder == cache.root / "checkpoints" / "run-1"
        assert not lease.folder.exists()
        lease.folder.mkdir(parents=True)
        # What replaces the state of a fit is no leftover while the fit goes on.
        (lease.folder.parent / f".run-1.{os.getpid()}.partial").mkdir()
        (entry,) = cache.entries()
        assert not cache.remove(entry)
        cache.sweep()
        assert len(names(lease.folder.parent)) == 2

    assert cache.remove(entry)
    cache.sweep()
    assert names(lease.folder.parent) == []


def test_leftovers_are_swept(cache):
    fill(cache)
    for name in (f".{KEY}.123.partial", f".{OTHER}.9.old", ".x.y", "notes"):
        (cache.root / "encoded" / name).mkdir()
        (cache.root / "encoded" / name / "rows").write_bytes(b"1234")

    assert cache.sweep() == 8

    assert names(cache.root / "encoded") == [".x.y", KEY, "notes"]


def test_nothing_outside_is_deleted(cache, tmp_path):
    fill(cache)
    outside = tmp_path / "precious"
    outside.mkdir()
    (outside / "photo").touch()
    encoded = cache.root / "encoded"
    (encoded / OTHER).symlink_to(outside, target_is_directory=True)
    (encoded / f".{OTHER}.1.partial").symlink_to(outside, target_is_directory=True)
    (encoded / KEY / "link").symlink_to(outside, target_is_directory=True)

    assert [entry.key for entry in cache.entries()] == [KEY]
    assert all(cache.remove(entry) for entry in cache.entries())
    cache.sweep()

    assert names(outside) == ["photo"]


def test_a_link_instead_of_a_kind(cache, tmp_path):
    fill(cache)
    (tmp_path / "precious" / "run-1").mkdir(parents=True)
    (cache.root / "checkpoints").symlink_to(tmp_path / "precious")

    for call in (
        cache.entries,
        cache.sweep,
        lambda: cache.hold_checkpoint("run-1"),
    ):
        with pytest.raises(DataError, match="must be no link"):
            call()
    assert names(tmp_path / "precious") == ["run-1"]


def test_a_link_to_the_root_is_followed(cache, tmp_path):
    fill(cache)
    (tmp_path / "link").symlink_to(cache.root, target_is_directory=True)

    assert not Cache(tmp_path / "link").get_or_make(KEY, never, read).is_new


@pytest.mark.parametrize("key", ["", ".", "..", "a/b", "../x", "a.b", "a\0", "a\n"])
def test_impossible_keys(cache, key):
    with pytest.raises(ValueError, match="key must be letters"):
        cache.get_or_make(key, make, read)
    with pytest.raises(ValueError, match="key must be letters"):
        cache.hold_checkpoint(key)


def test_a_folder_of_somebody_else(tmp_path):
    (tmp_path / "checkpoints" / "mine").mkdir(parents=True)
    cache = Cache(tmp_path)

    for call in (cache.entries, cache.sweep):
        with pytest.raises(DataError, match="must be a folder that fieldwise made"):
            call()
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(DataError, match=r"of its own, .*'thesis.tex'.*FIELDWISE_CACHE"):
        cache.get_or_make(KEY, make, read)

    assert names(tmp_path) == ["checkpoints", "thesis.tex"]
