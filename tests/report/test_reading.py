"""The folder of a run, whole, bare, damaged, and no run at all."""

import json

import numpy as np
import polars as pl
import pytest

from fieldwise.diagnosis import diagnose
from fieldwise.errors import DataError
from fieldwise.explanation.interaction_cloud import InteractionCloud
from fieldwise.fitting import fit
from fieldwise.importance import Importance
from fieldwise.report import write_report
from fieldwise.report.cloud_files import save_cloud
from fieldwise.report.reading import read_run
from tests.report.made_up import importance


@pytest.fixture(scope="module")
def ranker_folder(tmp_path_factory):
    """A saved ranker with its diagnosis, without a configuration."""
    folder = tmp_path_factory.mktemp("reading") / "ranker"
    table = pl.DataFrame(
        {
            "site": ["a", "b", "c", "d"] * 100,
            "price": [1.0, 2.0, 3.0, 4.0, 5.0] * 80,
            "click": [1, 0, 0, 0, 1, 0, 0, 1] * 50,
        }
    )
    seen = []
    ranker = fit(
        table,
        label="click",
        model="lr",
        recipe={"num_epochs": 2},
        observe=lambda one, parts: seen.append(diagnose(one, parts.datasets)),
        progress=False,
    )
    ranker.save(folder)
    seen[0].save(folder)
    return folder


@pytest.fixture
def copied(ranker_folder, tmp_path):
    """A copy that may be changed."""
    for path in ranker_folder.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(ranker_folder)
            target.parent.mkdir(exist_ok=True, parents=True)
            target.write_bytes(path.read_bytes())
    return tmp_path


def test_saved_ranker(ranker_folder):
    run = read_run(ranker_folder)

    assert (run.kind, run.model, run.part) == ("fit", "lr", "valid")
    assert run.labels == ["click"]
    assert run.rows == {"train": 360, "valid": 40}
    assert [field["name"] for field in run.fields] == ["site", "price"]
    assert run.metrics["click"]["num_rows"] == 40
    assert len(run.histories["lr"]["epochs"]) == 2
    assert run.parameters > 0
    assert set(run.diagnosed.reliability) == {"click"}
    assert run.num_bytes > 1000
    assert run.seconds > 0


def test_what_explain_writes_is_found(copied):
    folder = copied / "importances" / "explained"
    importance("field", ("site", "price"), "gradients").save(folder / "fields")
    importance("pair", (("site", "price"),), "gradients").save(folder / "pairs")

    assert [one.unit for one in read_run(copied).importances] == ["field", "pair"]


def test_importances_in_both_forms(copied):
    one, other = (importance("field", ("site", "price"), x) for x in ("one", "other"))
    one.save(copied / "importances" / "one")
    (copied / "importances" / "other.json").write_text(json.dumps(other.to_dict()))
    ranked = json.dumps({"importance": one.to_dict(), "seconds": 1.0})
    (copied / "importances" / "ranked.json").write_text(ranked)

    found = read_run(copied).importances

    assert [x.method for x in found] == ["one", "other", "one"]
    assert all(isinstance(x, Importance) for x in found)


def test_what_cannot_be_read_is_left_out(copied, caplog):
    folder = copied / "importances"
    folder.mkdir()
    for number, text in enumerate(("", "[]", "{}", '{"unit": "field"}')):
        (folder / f"{number}.json").write_text(text)
    (folder / "empty").mkdir()
    (folder / "empty" / "about.json").write_text("{}")
    (copied / "clouds").mkdir()
    (copied / "clouds" / "bad.json").write_text('{"names": [["a", "b"]]}')

    run = read_run(copied)

    assert (run.importances, run.clouds) == ([], [])
    assert caplog.text.count("is left out of the report") == 6


def test_cloud(copied):
    cloud = InteractionCloud(
        names=(("site", "price"),),
        scores=np.array([[0.1, 0.2]]),
        added=np.array([[0.0, 0.01]]),
        factors=np.ones((1, 2, 2)),
        directions=np.array([[0.5, 0.5], [0.5, -0.5]]),
        references=np.array([0.1]),
        beyond_pairs=np.array([0.1]),
        loss=0.5,
        epsilon=0.01,
    )

    path = save_cloud(cloud, copied, "fis")

    (found,) = read_run(copied).clouds
    assert [each.name for each in path.parent.iterdir()] == ["fis.json"]
    assert (found.title, found.names) == ("fis", cloud.names)
    assert found.scores.tolist() == cloud.scores.tolist()
    assert (found.loss, found.epsilon) == (0.5, 0.01)


def test_report_of_a_saved_ranker(ranker_folder, tmp_path):
    path = write_report(ranker_folder, out=tmp_path / "new")

    names = {each.name for each in path.parent.iterdir()}
    assert names == {"report.html", "report.md"}
    text = (tmp_path / "new" / "report.md").read_text("utf-8")
    assert "**Leaderboard**: One model was fitted." in text
    assert "**Interactions**: No importance of pairs was found." in text


def test_no_run(tmp_path):
    with pytest.raises(DataError, match=r"run must be a folder that .* fieldwise fit"):
        read_run(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"info": {}, "schema": {}}'])
def test_damaged_manifest(copied, text):
    (copied / "ranker.json").write_text(text)

    with pytest.raises(DataError, match=r"ranker\.json must be that of a ranker"):
        read_run(copied)
