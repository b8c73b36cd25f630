"""Facts of a ranker, read without a model."""

import json

import pytest

from fieldwise.errors import DataError
from fieldwise.report.ranker_facts import read_ranker_facts

MANIFEST = {
    "model": {"name": "dnn", "arguments": {"dropout": 0.2}},
    "schema": {"labels": [{"name": "click"}, {"name": "rating"}]},
    "negative_rate": 0.5,
    "info": {"recipe": {"seed": 3}, "history": {"best_epoch": 1, "epochs": [{}, {}]}},
}


def write(folder, manifest, calibrators):
    (folder / "ranker.json").write_text(json.dumps(manifest), "utf-8")
    (folder / "calibrator.json").write_text(json.dumps(calibrators), "utf-8")


def test_all_facts(tmp_path):
    write(tmp_path, MANIFEST, [{"name": "platt"}, None])

    facts = read_ranker_facts(tmp_path)

    assert facts.arguments == {"dropout": 0.2}
    assert facts.recipe == {"seed": 3}
    assert facts.negative_rate == 0.5
    assert facts.calibrators == {"click": "platt", "rating": None}
    assert (facts.best_epoch, facts.num_epochs) == (1, 2)


def test_a_ranker_without_a_story(tmp_path):
    write(tmp_path, MANIFEST | {"info": {}}, [None, None])

    facts = read_ranker_facts(tmp_path)

    assert facts.recipe == {}
    assert (facts.best_epoch, facts.num_epochs) == (None, 0)


@pytest.mark.parametrize(
    ("manifest", "calibrators"),
    [
        (MANIFEST, [None]),
        (MANIFEST, 3),
        ([], []),
        ({**MANIFEST, "model": {}}, [None, None]),
        ({**MANIFEST, "info": []}, [None, None]),
    ],
)
def test_other_files_are_refused(tmp_path, manifest, calibrators):
    write(tmp_path, manifest, calibrators)

    with pytest.raises(DataError, match=r"with ranker\.json and calibrator\.json"):
        read_ranker_facts(tmp_path)


def test_no_folder(tmp_path):
    with pytest.raises(DataError, match="FileNotFoundError"):
        read_ranker_facts(tmp_path / "nothing")
