"""What is wrong, and in which order it is told."""

import pytest

from fieldwise.report.findings import find_problems
from tests.report.made_up import LABEL, history, whole_run

CLEAN = {
    "warnings": [],
    "unknown_shares": {},
    "diagnosed": None,
}


def titles(**changes):
    return [one.title for one in find_problems(whole_run(**{**CLEAN, **changes}))]


def test_nothing_is_wrong():
    assert titles() == []


def test_worst_comes_first():
    found = find_problems(whole_run())

    assert found[0].title == "The data may leak"
    assert {one.tone for one in found[1:]} == {"warn"}


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"warnings": ["a copy"]}, "The data may leak"),
        (
            {"metrics": {LABEL: {"normalized_entropy": 1.0}}},
            "No better than a constant",
        ),
        ({"metrics": {LABEL: {"r2": -0.1}}}, "No better than a constant"),
        ({"part": "valid"}, "No test rows"),
        (
            {"split": {"rows": {"train": 9000, "test": 999}}},
            "Few rows to measure on",
        ),
        (
            {"unknown_shares": {"train": {}, "test": {"user": 0.2, "ad": 0.1}}},
            "Unknown values of user",
        ),
        (
            {"histories": {"dcnv2": {**history(), "best_epoch": 3}}},
            "Training could go on",
        ),
    ],
)
def test_each_problem(changes, title):
    assert titles(**changes) == [title]


def test_segment_that_is_far_off():
    diagnosed = whole_run().diagnosed

    found = find_problems(whole_run(**{**CLEAN, "diagnosed": diagnosed}))

    # The last value is off most: 65 % predicted, 20 % happened.
    assert [one.title for one in found] == ["A segment is far off"]
    assert "(unknown), 65.0% was predicted and 20.0% happened" in found[0].text
