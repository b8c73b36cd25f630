"""``fieldwise card``, and the card that a fit writes."""

import shutil

import pytest
from huggingface_hub import ModelCard

from fieldwise.report import model_card


def test_fit_writes_one(run_folder):
    card = ModelCard.load(run_folder / "ranker" / "README.md")

    assert card.data.to_dict()["library_name"] == "fieldwise"
    assert "# Predicting click with lr" in card.text
    # A folder that is given away names no folder of the one who gives it.
    assert str(run_folder.parent) not in card.content


def test_card(command, run_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run_folder, folder)

    refused = command("card", folder)
    result = command("card", folder, "--overwrite")

    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert result.exit_code == 0, result.output
    assert f"saved: {folder}/ranker/README.md" in result.stdout.replace("\n", "")
    assert "choose a license" in result.stdout


def test_a_fit_is_not_lost_for_its_card(command, clicks, tmp_path, monkeypatch):
    def refuse(*_):
        message = "no ink"
        raise OSError(message)

    monkeypatch.setattr(model_card, "model_card", refuse)
    out = tmp_path / "run"

    result = command(
        "fit",
        clicks,
        "--label",
        "click",
        "--model",
        "lr",
        "--out",
        out,
        "--set",
        "recipe.num_epochs=1",
        "--no-report",
        "--no-cache",
    )

    assert result.exit_code == 0, result.output
    assert (
        "no model card was written: no ink"
        in (out / "log.txt").read_text("utf-8") + result.stderr
    )
    assert not (out / "ranker" / "README.md").exists()
    assert (out / "ranker" / "ranker.json").exists()


@pytest.mark.parametrize("word", ["README.md", "More Information Needed", "hf upload"])
def test_help_teaches(command, word):
    assert word in " ".join(command("card", "--help").stdout.split())
