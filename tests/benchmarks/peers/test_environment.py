"""The peers' environment, without building one."""

import hashlib
import sys

from benchmarks.peers import environment
from benchmarks.peers.environment import (
    ROOT,
    build_environment,
    installed,
    peer_variables,
    version_of,
)


def test_an_environment_that_is_there_is_not_built_again(tmp_path, monkeypatch):
    wanted = hashlib.sha256(environment.REQUIREMENTS.read_bytes()).hexdigest()
    (tmp_path / ".requirements-done").write_text(wanted)
    monkeypatch.setattr(environment.subprocess, "run", lambda *_: 1 / 0)

    assert build_environment(tmp_path) == tmp_path / "bin" / "python"


def test_torch_goes_first(tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(
        environment.subprocess, "run", lambda command, check: commands.append(command)
    )

    build_environment(tmp_path)

    assert [command[-1].partition("==")[0] for command in commands] == [
        str(tmp_path),
        "torch",
        str(environment.REQUIREMENTS),
    ]


def test_every_requirement_is_pinned():
    lines = environment.REQUIREMENTS.read_text("utf-8").splitlines()

    assert all("==" in line for line in lines if not line.startswith("#"))


def test_versions_of_this_interpreter():
    assert installed(sys.executable)["polars"]


def test_measured_processes_find_the_benchmarks_and_the_checkout():
    variables = peer_variables("/checkout", 2)

    assert variables["PYTHONPATH"].split(":") == [str(ROOT), "/checkout"]
    assert variables["OMP_NUM_THREADS"] == "2"


def test_a_plain_folder_has_no_commit(tmp_path):
    assert version_of(str(tmp_path)) == "not a checkout"
