"""The limit is a limit, and what a command takes is seen."""

import sys

import pytest

from benchmarks.memory.limited import MIB, environment, run_limited

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="needs /proc and RLIMIT_DATA"
)


def run(code, limit):
    command = [sys.executable, "-S", "-c", code]
    return run_limited(command, limit=limit, variables={})


def test_a_command_within_its_limit():
    code = "import time; x = bytearray(50 << 20); time.sleep(0.2); print('done')"
    outcome = run(code, 200 * MIB)
    assert (outcome.status, outcome.output) == (0, "done\n")
    assert 50 * MIB <= outcome.resident < 100 * MIB
    assert outcome.resident <= outcome.allocated + 10 * MIB < 200 * MIB
    assert outcome.seconds >= 0.2


def test_a_command_beyond_its_limit():
    outcome = run("x = bytearray(300 << 20)", 200 * MIB)
    assert outcome.status == 1
    assert "MemoryError" in outcome.output


def test_mapped_files_are_not_counted(tmp_path):
    path = tmp_path / "zeros"
    with path.open("wb") as file:
        file.truncate(500 * MIB)
    code = (
        "import mmap; file = open({!r}, 'rb'); "
        "m = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ); "
        "print(sum(m[::4096]))"
    )
    outcome = run(code.format(str(path)), 200 * MIB)
    assert (outcome.status, outcome.output) == (0, "0\n")


def test_settings_follow_the_limit():
    assert environment(1024 * MIB)["POLARS_OOC_MEMORY_BUDGET_MB"] == "256"
