"""Results survive a kill."""

import pytest

from benchmarks.peers.child import Outcome
from benchmarks.peers.journal import Entry, Journal
from benchmarks.peers.plan import CONTENDERS, Job


@pytest.fixture
def job():
    return Job("train", CONTENDERS[0], "deepfm", 0)


def outcome(error="", foreign=0.0):
    result = None if error else {"auc": 0.7}
    return Outcome(result, error, 3.0, 100.0, foreign)


def test_an_entry_holds_the_result_and_what_was_watched(job):
    entry = Entry.of(job, outcome(foreign=0.3))

    assert entry.key == "train deepfm | FuxiCTR | 0"
    assert entry.values == {
        "auc": 0.7,
        "wall_s": 3.0,
        "peak_mb": 100.0,
        "foreign_cores": 0.3,
    }
    assert not entry.quiet


def test_goes_on_where_it_stopped(job, tmp_path):
    path = tmp_path / "results.jsonl"
    Journal(path).add(Entry.of(job, outcome()))
    with path.open("a") as file:
        file.write('{"key": "cut o')

    again = Journal(path)

    assert again.has(job)
    assert not again.has(Job("train", CONTENDERS[0], "deepfm", 1))
    assert len(again.entries) == 1


def test_a_line_after_one_that_was_cut_off_is_kept(job, tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text('{"key": "cut o')

    Journal(path).add(Entry.of(job, outcome()))

    assert Journal(path).has(job)


def test_a_failed_job_is_tried_again(job, tmp_path):
    path = tmp_path / "results.jsonl"
    Journal(path).add(Entry.of(job, outcome(error="boom")))

    assert not Journal(path).has(job)

    Journal(path).add(Entry.of(job, outcome()))

    assert Journal(path).has(job)
