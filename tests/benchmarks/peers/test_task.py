"""The line that carries a result."""

import json
from pathlib import Path

import pytest

from benchmarks.peers.task import MARK, Task, answer, read_result


@pytest.fixture
def task():
    return Task(kind="encode", table="/rows", encoded="/codes", saved="", seed=3)


def test_raw_file(task):
    assert task.raw("test") == Path("/rows/test.parquet")


def test_answer_prints_one_marked_line(task, monkeypatch, capfd):
    monkeypatch.setattr("sys.argv", ["runner", task.to_json()])

    answer({"encode": lambda given: {"seed": given.seed}})

    assert read_result(capfd.readouterr().out) == {"seed": 3}


@pytest.mark.parametrize(
    ("output", "result"),
    [
        ("", None),
        ("epoch 1\nrows 5", None),
        (f"bar 10%\n{MARK}{json.dumps({'a': 1})}\nbye", {"a": 1}),
    ],
)
def test_result_is_found_in_the_noise(output, result):
    assert read_result(output) == result
