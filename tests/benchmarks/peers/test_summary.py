"""Medians over runs."""

import pytest

from benchmarks.peers.journal import Entry
from benchmarks.peers.summary import Cell, Summary

CELL = Cell("train", "fieldwise", "rows_s", "deepfm")


def entry(value, *, quiet=True, error="", model="deepfm", scale=1):
    values = {"rows_s": value}
    return Entry("", "train", "fieldwise", model, scale, values, quiet, error)


def test_median_and_spread():
    found = Summary([entry(90.0), entry(100.0), entry(120.0)]).statistic(CELL)

    # (120 - 90) / 2 = 15 of 100
    assert (found.median, found.spread) == (100.0, 0.15)
    assert (found.num_counted, found.num_runs) == (3, 3)


def test_disturbed_runs_count_only_where_no_run_was_quiet():
    disturbed = entry(50.0, quiet=False)

    mixed = Summary([entry(90.0), entry(100.0), disturbed]).statistic(CELL)

    assert (mixed.median, mixed.num_counted, mixed.num_runs) == (95.0, 2, 3)
    assert Summary([disturbed]).median(CELL) == 50.0


@pytest.mark.parametrize(
    "other", [{"model": "dcnv2"}, {"scale": 4}, {"error": "boom"}], ids=str
)
def test_other_runs_are_left_out(other):
    summary = Summary([entry(1.0, **other)])

    assert summary.statistic(CELL) is None
    assert summary.median(CELL) is None
