"""``fieldwise report``, and the reports that other commands write."""

import sys
from importlib import import_module

from fieldwise.errors import MissingExtraError

report_module = import_module("fieldwise.cli.report")

QUICK = ("--model", "lr", "--set", "recipe.num_epochs=1", "--ignore", "request")


def test_fit_writes_one(run_folder):
    names = {path.name for path in run_folder.iterdir()}

    assert {"report.html", "report.md"} <= names


def test_report(command, run_folder, tmp_path):
    result = command("report", run_folder, "--out", tmp_path)

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"saved: {tmp_path}/report.html (")
    assert lines[1].startswith("next: ")
    text = (tmp_path / "report.md").read_text("utf-8")
    assert text.startswith("# Predicting click with lr")
    assert "fieldwise fit --config clicks/config.toml" in text


def test_no_run(command, tmp_path):
    result = command("report", tmp_path)

    assert result.exit_code == 2
    assert "error: run must be a folder that 'fieldwise fit'" in result.stderr


def test_help_teaches(command):
    text = " ".join(command("report", "--help").stdout.split())

    assert "fieldwise report runs/clicks-dcnv2" in text
    assert "whether the probabilities can be trusted" in text


def test_no_report(command, clicks, tmp_path):
    shared = ("fit", clicks, "--label", "click", *QUICK, "--out", tmp_path / "run")

    result = command(*shared, "--no-report")

    assert result.exit_code == 0, result.output
    assert not (tmp_path / "run" / "report.html").exists()
    assert (tmp_path / "run" / "diagnosis.json").exists()
    assert "report:" not in result.stdout


def test_a_fit_is_not_lost_for_a_missing_extra(command, clicks, tmp_path, monkeypatch):
    def refuse(run):
        message = "a report needs vl-convert. Install it with: pip install x"
        raise MissingExtraError(message)

    monkeypatch.setattr(sys.modules["fieldwise.report"], "write_report", refuse)

    result = command("fit", clicks, "--label", "click", *QUICK, "--out", tmp_path / "x")

    assert result.exit_code == 0, result.output
    assert "no report: a report needs vl-convert" in result.stdout


def test_where_memory_is_limited_another_process_draws(
    run_folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(report_module, "_memory_is_limited", lambda: True)
    (run_folder / "report.html").unlink()

    report_module.report_on(run_folder, wanted=True)
    report_module.report_on(tmp_path / "none", wanted=True)

    assert (run_folder / "report.html").exists()
    told = " ".join(capsys.readouterr().out.split())
    assert "report.html" in told.split("no report:")[0]
    assert "run must be a folder" in told.split("no report:")[1]
    assert "with more memory" in told
