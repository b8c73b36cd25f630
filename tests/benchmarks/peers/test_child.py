"""A process is watched to its end."""

import sys

from benchmarks.peers.child import run_child
from benchmarks.peers.task import MARK


def run(code, tmp_path, **arguments):
    command = [sys.executable, "-c", code]
    return run_child(command, log=tmp_path / "logs" / "child.log", **arguments)


def test_result_and_peak_memory(tmp_path):
    code = (
        "import time; block = bytearray(b'x') * (64 * 2**20); time.sleep(0.5);"
        f"print('noise'); print('{MARK}' + '{{\"rows\": 3}}')"
    )

    outcome = run(code.replace("{{", "{").replace("}}", "}"), tmp_path)

    assert outcome.result == {"rows": 3}
    assert outcome.error == ""
    # 64 MiB of the block, and an interpreter of some 10.
    assert 64 < outcome.peak_megabytes < 128
    assert outcome.wall_seconds > 0.5


def test_pages_shared_with_a_fork_count_once(tmp_path):
    code = (
        "import os, time; block = bytearray(b'x') * (64 * 2**20);"
        "child = os.fork(); time.sleep(0.5); child and os.wait()"
    )

    outcome = run(code, tmp_path)

    assert 64 < outcome.peak_megabytes < 128


def test_failure_keeps_the_last_words(tmp_path):
    outcome = run("raise SystemExit('no such model')", tmp_path)

    assert outcome.result is None
    assert outcome.error == "no such model\nexit code 1"


def test_a_result_before_a_crash_does_not_count(tmp_path):
    outcome = run(f"print('{MARK}{{}}'); raise SystemExit(3)", tmp_path)

    assert outcome.result is None
    assert outcome.error.endswith("exit code 3")


def test_time_limit_ends_the_children_too(tmp_path):
    code = (
        "import os, pathlib, time\n"
        "if os.fork() == 0:\n"
        "    time.sleep(3)\n"
        f"    pathlib.Path({str(tmp_path / 'late')!r}).touch()\n"
        "time.sleep(30)"
    )

    outcome = run(code, tmp_path, time_limit=0.3)

    assert outcome.result is None
    assert outcome.wall_seconds < 3
    assert not (tmp_path / "late").exists()


def test_environment_is_added(tmp_path):
    code = f"import os; print('{MARK}' + os.environ['ANSWER'])"

    assert run(code, tmp_path, environment={"ANSWER": '{"a": 1}'}).result == {"a": 1}
