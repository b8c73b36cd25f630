"""What every command shares: help, version, errors in one line."""

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import fieldwise
from fieldwise.cli import main as main_module
from fieldwise.cli.main import app

COMMANDS = (
    "demo",
    "inspect",
    "rank",
    "fit",
    "compare",
    "curve",
    "evaluate",
    "explain",
    "predict",
    "models",
    "cache",
    "encode",
)
HEAVY = (
    "lightning_fabric",
    "numpy",
    "polars",
    "pydantic",
    "pyarrow",
    "sklearn",
    "torch",
)
SCRIPT = Path(sys.executable).with_name("fieldwise")


def run(*command):
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False
    )


def test_help_lists_the_commands(command):
    result = command("--help")

    assert result.exit_code == 0
    assert all(name in result.output for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_teaches_by_example(command, name, monkeypatch):
    monkeypatch.setenv("TERMINAL_WIDTH", "200")

    result = command(name, "--help")

    assert result.exit_code == 0
    assert "Example" in result.output
    assert result.output.count(f"fieldwise {name}") > 1


def test_version(command):
    assert command("--version").output == f"fieldwise {fieldwise.__version__}\n"


def test_help_imports_nothing_heavy():
    code = "import sys, fieldwise.cli.main; print(*sys.modules)"

    modules = run(sys.executable, "-c", code).stdout.split()

    assert "fieldwise.cli.main" in modules
    assert [name for name in HEAVY if name in modules] == []


@pytest.mark.skipif(not SCRIPT.exists(), reason="the package is not installed")
def test_installed_command():
    result = run(SCRIPT, "--version")

    assert (result.returncode, result.stdout) == (
        0,
        f"fieldwise {fieldwise.__version__}\n",
    )


def test_module_ends_with_one_line_and_code_2(tmp_path):
    result = run(sys.executable, "-m", "fieldwise", "inspect", str(tmp_path / "x.csv"))

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("error: source must be a file that exists")


def test_unknown_command(command):
    result = command("fitt")

    assert result.exit_code == 2
    assert "fit" in result.output


def test_debug_shows_the_traceback(command):
    result = command("--debug", "inspect", "nothing.csv")

    assert isinstance(result.exception, fieldwise.errors.DataError)
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (fieldwise.errors.ConfigError("two\n lines"), "error: two lines\n"),
        (PermissionError(13, "not yours", "x"), "error: [Errno 13] not yours: 'x'\n"),
        (pl.exceptions.ComputeError("bad [row]"), "error: bad [row]\n"),
    ],
)
def test_errors_users_can_mend(error, text, monkeypatch):
    result = run_failing(error, monkeypatch)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", text)


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("of a library")])
def test_other_errors_are_bugs_and_keep_their_traceback(error, monkeypatch):
    result = run_failing(error, monkeypatch)

    assert result.exit_code == 1
    assert result.exception is error


def test_argument_checks_of_the_package_are_for_users(command):
    result = command("demo", "--rows", "-1")

    assert (result.exit_code, result.stderr) == (
        2,
        "error: num_rows must be positive, got -1.\n",
    )


def run_failing(error, monkeypatch):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(main_module.TyperGroup, "invoke", fail)
    return CliRunner().invoke(app, ["models"])
