"""Model cards, and the folder of a ranker as a model repository."""

import re
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from huggingface_hub import CommitOperationAdd, ModelCard
from huggingface_hub.utils import DEFAULT_IGNORE_PATTERNS, filter_repo_objects

from fieldwise.errors import DataError
from fieldwise.fitting import fit
from fieldwise.ranker import Ranker
from fieldwise.report.model_card import NEEDED, model_card, write_model_card
from fieldwise.report.ranker_facts import RankerFacts
from tests.report.made_up import LABEL, whole_run

FACTS = RankerFacts(
    arguments={"hidden_dims": [32, 16]},
    recipe={"learning_rate": 0.01},
    negative_rate=0.25,
    calibrators={LABEL: "isotonic"},
    best_epoch=2,
    num_epochs=3,
)
SITE = 'site "|`\n## x'


@pytest.fixture(scope="module")
def rows():
    sites = np.array(["a", "b", "c", "d"] * 50)
    return pl.DataFrame({SITE: sites, "click": (sites == "a").astype(int)})


@pytest.fixture(scope="module")
def saved(tmp_path_factory, rows):
    """A ranker's folder with its card."""
    folder = tmp_path_factory.mktemp("saved") / "ranker"
    ranker = fit(rows, label="click", model="lr", recipe={"num_epochs": 2})
    ranker.save(folder)
    write_model_card(folder)
    return folder


def test_a_card_tells_what_is_known_and_asks_for_the_rest():
    text = model_card(whole_run(), FACTS)

    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert sections == [
        "How to use it",
        "Intended use",
        "The data",
        "Quality",
        "Calibration",
        "Limits that were found",
        "People, and their data",
        "Training",
        "Versions and fingerprints",
    ]
    assert "| isotonic |" in text
    assert r"| learning\_rate | 0.01 |" in text
    assert r"| model.hidden\_dims | \[32, 16\] |" in text
    assert "A share of 0.25 of the negative rows was kept" in text
    assert "The files in vocabulary/ hold the values" in text
    assert text.count(f"{NEEDED} ") >= 6


def test_no_name_is_markup():
    text = model_card(whole_run(), FACTS)

    # The head is for the Hub, and code is code.
    body = ModelCard(text).text
    prose = re.sub(r"^(`{3,})\n.*?^\1$", "", body, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"(?<!\\)[<>]", prose) == []
    assert r"| a.b\[0\]\|pipe |" in prose
    assert r"{{ 7 \* 7 }}".replace("{", r"\{").replace("}", r"\}") in prose


def test_what_was_not_measured_is_asked_for():
    text = model_card(whole_run(metrics={}, data=""), FACTS)

    assert f"{NEEDED} The ranker tells no metrics." in text
    assert "The name of the table is not told." in text


def test_a_number_is_predicted():
    schema = {"labels": [{"name": "rating", "kind": "real"}], "fields": []}

    text = model_card(whole_run(schema=schema, metrics={}), FACTS)

    assert "It predicts the number rating of a row." in text


def test_the_code_of_a_card_runs(saved, capsys):
    text = (saved / "README.md").read_text("utf-8")
    (code,) = re.findall(r"^(?:`{3,})\n(import.*?)^`{3,}$", text, re.M | re.S)

    exec(code.replace("FOLDER", str(saved)), {})

    assert re.fullmatch(r"\[0?\.\d+\]", capsys.readouterr().out.strip())


def test_the_hub_reads_the_card_of_a_real_ranker(saved):
    card = ModelCard.load(saved / "README.md")

    metrics = {one.metric_type: one.metric_value for one in card.data.eval_results}
    valid = Ranker.load(saved).metrics["valid"]
    assert card.data.to_dict()["library_name"] == "fieldwise"
    assert metrics["roc_auc"] == valid["auc"]
    assert metrics["expected_calibration_error"] == valid["ece"]


def test_several_labels_and_roles(tmp_path):
    random = np.random.default_rng(0)
    sites = random.choice(["a", "b"], 200)
    table = pl.DataFrame(
        {
            "site": sites,
            "day": pl.Series(range(200)),
            "heavy": random.random(200),
            "click": (sites == "a").astype(int),
            "rating": random.normal(size=200),
        }
    )
    ranker = fit(
        table,
        label=["click", "rating"],
        time="day",
        weight="heavy",
        model="lr",
        recipe={"num_epochs": 1},
        negative_rate=0.5,
    )
    ranker.save(tmp_path / "ranker")

    text = write_model_card(tmp_path / "ranker").read_text("utf-8")

    assert "| rating | none, the label is a number |" in text
    assert "It orders rows by how likely click is" in text
    assert "It predicts the number rating of a row." in text
    assert "- Rows were ordered in time by: day." in text
    assert "- Rows were weighted by: heavy." in text
    assert "A share of 0.5 of the negative rows was kept" in text
    results = ModelCard(text).data.eval_results
    assert {"AUC of click", "RMSE of rating"} <= {one.metric_name for one in results}


def test_every_file_may_be_uploaded(saved):
    files = sorted(path for path in saved.rglob("*") if path.is_file())
    names = [path.relative_to(saved).as_posix() for path in files]

    allowed = filter_repo_objects(names, ignore_patterns=DEFAULT_IGNORE_PATTERNS)
    added = [
        CommitOperationAdd(path_in_repo=name, path_or_fileobj=path)
        for name, path in zip(names, files, strict=True)
    ]

    assert [*allowed] == names
    assert [one.path_in_repo for one in added] == names
    assert {"README.md", "ranker.json", "weights.safetensors"} <= set(names)


def test_a_downloaded_snapshot_loads(saved, rows, tmp_path):
    """As ``snapshot_download`` lays it out: names that link to files named by hash."""
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "0123abcd"
    blobs.mkdir()
    for path in (path for path in saved.rglob("*") if path.is_file()):
        blob = blobs / CommitOperationAdd("x", path).upload_info.sha256.hex()
        shutil.copy(path, blob)
        link = snapshot / path.relative_to(saved)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(
            Path(
                *[".."] * (len(link.parents) - len(tmp_path.parents) - 1),
                "blobs",
                blob.name,
            )
        )

    ranker = Ranker.load(snapshot)

    np.testing.assert_array_equal(
        ranker.predict(rows), Ranker.load(saved).predict(rows)
    )


def test_a_card_that_was_edited_is_kept(saved, tmp_path, rows):
    folder = tmp_path / "ranker"
    shutil.copytree(saved, folder)
    (folder / "README.md").write_text("mine", "utf-8")

    with pytest.raises(DataError, match="may have been edited"):
        write_model_card(folder)

    assert (folder / "README.md").read_text("utf-8") == "mine"
    # The ranker does not mind.
    assert Ranker.load(folder).predict(rows).shape == (200,)
    write_model_card(folder, overwrite=True)
    assert (folder / "README.md").read_text("utf-8").startswith("---\n")
    assert [path.name for path in folder.glob(".*")] == []


def test_no_ranker(tmp_path):
    with pytest.raises(DataError, match="run must be a folder"):
        write_model_card(tmp_path)
