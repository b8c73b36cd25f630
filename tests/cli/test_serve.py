"""``fieldwise serve``: what it is told, and what it says to what it cannot use.

Running servers are tested in ``tests/serving/server``.
"""

import socket
import sys

import pytest

from fieldwise.cli.serve import named_folders
from fieldwise.errors import ConfigError
from fieldwise.serving.server import serve as serve_module


@pytest.fixture
def given(monkeypatch):
    """The settings a server would have been started with."""
    found = []
    monkeypatch.setattr(serve_module, "serve", found.append)
    return found


def test_settings_reach_the_server(command, given, run_folder, clicks):
    found = command(
        *("serve", run_folder, f"b={run_folder / 'ranker'}", "--port", 0),
        *("--workers", 3, "--threads", 2, "--watch", 0, "--drain", 1.5),
        *("--max-rows", 5, "--max-candidates", 6, "--max-json", 1),
        *("--max-arrow", 2, "--max-waiting", 7, "--timeout", 3),
        *("--background", f"b={clicks}"),
    )

    assert found.exit_code == 0, found.output
    [settings] = given
    ranker = run_folder / "ranker"
    assert settings.rankers == {"clicks": ranker, "b": ranker}
    assert settings.backgrounds == {"b": clicks}
    assert (settings.workers, settings.threads, settings.watch_seconds) == (3, 2, 0)
    limits = settings.limits
    assert (limits.json_bytes, limits.arrow_bytes) == (2**20, 2**21)
    assert (limits.rows, limits.candidates, limits.waiting) == (5, 6, 7)
    assert (limits.request_seconds, limits.drain_seconds) == (3, 1.5)
    assert settings.token is None


def test_names_of_rankers(tmp_path):
    (tmp_path / "run" / "ranker").mkdir(parents=True)

    found = named_folders([str(tmp_path / "run" / "ranker"), f"x={tmp_path / 'run'}"])

    folder = tmp_path / "run" / "ranker"
    assert found == {"run": folder, "x": folder}
    for wrong in (["a/x", "b/x"], ["../..=x"], ["run/..=x"], ["a b=x"]):
        with pytest.raises(ConfigError, match="must have a name of its own"):
            named_folders(wrong)


def test_the_token_comes_from_a_file_or_the_environment(
    command, given, run_folder, tmp_path, monkeypatch
):
    file = tmp_path / "token"
    file.write_text("of the file, and long\n", "utf-8")
    monkeypatch.setenv("FIELDWISE_TOKEN", "of the environment")

    command("serve", run_folder)
    command("serve", run_folder, "--token-file", file)

    found = [settings.token for settings in given]
    assert found == ["of the environment", "of the file, and long"]
    assert "environment" not in repr(given[0])


@pytest.mark.parametrize("token", ["short", "é" * 20, ""])
def test_tokens_that_are_none(command, given, run_folder, monkeypatch, token):
    monkeypatch.setenv("FIELDWISE_TOKEN", token)

    found = command("serve", run_folder)

    assert found.exit_code == 2
    assert "at least 16 characters" in found.output
    assert given == []


def test_a_background_of_nobody(command, given, run_folder, clicks):
    found = command("serve", run_folder, "--background", f"other={clicks}")

    assert found.exit_code == 2
    assert "--background must be a file" in found.output


def test_a_port_that_is_taken(command, run_folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        found = command("serve", run_folder, "--port", port)

    assert found.exit_code == 2
    assert f"got 127.0.0.1:{port}" in found.output


def test_a_missing_extra_is_named(command, run_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "httptools", None)

    found = command("serve", run_folder)

    assert found.exit_code == 2
    assert "pip install 'fieldwise[serve]'" in found.output
