"""Damaged folders are refused, or loaded rightly: a small ``benchmarks.fuzz``."""

from collections import Counter

import pytest

from benchmarks.fuzz.damage import DAMAGES
from benchmarks.fuzz.loading import FAILURES
from benchmarks.fuzz.preparing import prepare
from benchmarks.fuzz.running import run_all
from benchmarks.fuzz.table import table

NUM_FOLDERS = 120


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    home = tmp_path_factory.mktemp("fuzz")
    prepare(home, models=("dcnv2", "optinter"), num_groups=1)
    counts = {"rankers": NUM_FOLDERS, "importances": 20, "selections": 10}
    jobs = [(kind, place) for kind, count in counts.items() for place in range(count)]
    return list(run_all(home, jobs, seed=7, num_workers=1))


def test_nothing_fails(results):
    assert [item for item in results if item["outcome"] in FAILURES] == []


def test_most_damage_is_noticed_and_some_is_harmless(results):
    counts = Counter(item["outcome"] for item in results)

    assert counts.total() == NUM_FOLDERS + 30
    assert counts["refused"] > counts.total() / 2
    assert counts["loaded"] > 10


def test_every_kind_of_damage_is_done(results):
    assert {item["group"] for item in results} == set(DAMAGES)
    assert 0.5 < sum(item["signed"] for item in results) / len(results) < 0.9


def test_refusals_name_the_file(results):
    said = [
        item["message"]
        for item in results
        if item["outcome"] == "refused" and item["name"].split("-")[1] == "rankers"
    ]
    files = ("ranker.json", "calibrator.json", "weights.safetensors", "vocabulary/")

    assert [text for text in said if not text.startswith(("folder must", *files))] == []


def test_the_table_counts_folders(results):
    lines = table(results, seconds=1.0).splitlines()

    assert lines[2].startswith(f"| **all** | {NUM_FOLDERS + 30} |")
    assert "0 failures" in lines[-1]
