"""Rankings are made once, and one that fails stops no other."""

import logging

import pytest

from fieldwise.comparison.plan import Job
from fieldwise.search.rankings import make_rankings
from tests.search.fixed_order import Broken, FixedOrder
from tests.selection.planted import planted

JOBS = [(Job(seed, "one"), Job(seed, "two")) for seed in (0, 1)]


@pytest.fixture(scope="module")
def data():
    return planted(num_rows=60)


def test_made_once_and_read_again(data, tmp_path):
    one, two = FixedOrder(data.schema.names), FixedOrder(data.schema.names[::-1])
    jobs = {Job(0, "one"): one, Job(1, "one"): one, Job(0, "two"): two}

    first = make_rankings(jobs, lambda _: data, tmp_path, progress=False)
    again = make_rankings(jobs, lambda _: data, tmp_path, progress=False)

    assert (one.calls, two.calls) == ([0, 1], [0])
    assert again == first
    assert first.found[Job(0, "two")].ranked == data.schema.names[::-1]
    assert all(seconds >= 0 for seconds in first.seconds.values())
    assert len(first.seconds) == 3


def test_each_seed_has_its_rows(data, tmp_path):
    asked = []

    def data_of(seed):
        asked.append(seed)
        return data

    jobs = {Job(seed, name): FixedOrder(()) for seed in (4, 5) for name in "xyz"}
    make_rankings(jobs, data_of, tmp_path, progress=False)

    assert asked == [4, 5]


def test_a_damaged_file_is_made_again(data, tmp_path, caplog):
    jobs = {Job(0, "one"): FixedOrder(())}
    make_rankings(jobs, lambda _: data, tmp_path, progress=False)
    (tmp_path / "one-0.json").write_text("{", "utf-8")

    found = make_rankings(jobs, lambda _: data, tmp_path, progress=False)

    assert jobs[Job(0, "one")].calls == [0, 0]
    assert len(found.found) == 1
    assert "one, seed 0 must be ranked again" in caplog.text


def test_a_failure_is_told_and_tried_again(data, tmp_path, caplog):
    jobs = {Job(0, "bad"): Broken(), Job(0, "good"): FixedOrder(())}

    with caplog.at_level(logging.INFO, "fieldwise"):
        found = make_rankings(jobs, lambda _: data, tmp_path, progress=False)

    assert found.errors == {Job(0, "bad"): "ValueError: the scores are nan"}
    assert list(found.found) == [Job(0, "good")]
    assert "ranking by bad, seed 0 failed" in caplog.text
    assert "ranking by good, seed 0" in caplog.text
    assert not (tmp_path / "bad-0.json").exists()
