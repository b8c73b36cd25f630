"""Seconds and memory of a command and its children."""

import sys

import pytest

from benchmarks.outrank.measured import MIB, run

CHILD = "import time; held = bytearray(40 * 2**20); time.sleep(0.6)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


def test_children_count(tmp_path):
    taken = run([sys.executable, "-c", PARENT], folder=tmp_path, variables={})

    assert 40 < taken.memory / MIB < 80
    assert taken.seconds > 0.6
    assert 0 < taken.cpu_seconds < 10


def test_a_failure_is_told(tmp_path):
    with pytest.raises(RuntimeError, match="ended with 3:\nno such thing"):
        run(
            [sys.executable, "-c", "print('no such thing'); exit(3)"],
            folder=tmp_path,
            variables={},
        )
