"""Fitted parts as a folder, or as the bytes of one."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from fieldwise.errors import DataError, RankerFormatError
from fieldwise.estimators.fitted_parts import FittedParts


@pytest.fixture(scope="module")
def parts(classifier):
    return FittedParts(classifier.ranker_, classifier.importance_)


def test_bytes_give_the_same_back(parts, clicks):
    again = FittedParts.from_bytes(parts.to_bytes())

    X, _ = clicks
    np.testing.assert_array_equal(again.ranker.predict(X), parts.ranker.predict(X))
    np.testing.assert_array_equal(again.importance.scores, parts.importance.scores)


def test_the_bytes_hold_the_checked_folders_and_nothing_else(parts):
    names = zipfile.ZipFile(io.BytesIO(parts.to_bytes())).namelist()

    assert {name.partition("/")[0] for name in names} == {"importance", "ranker"}
    assert {name.rpartition(".")[2] for name in names} == {
        "json",
        "parquet",
        "safetensors",
    }


def changed(content, place, text):
    """A zip file with another file at a place."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(result, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, text if name == place else old.read(name))
    return result.getvalue()


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ("ranker/weights.safetensors", RankerFormatError),
        ("ranker/ranker.json", RankerFormatError),
        ("importance/scores.parquet", DataError),
    ],
)
def test_a_file_that_was_replaced_by_a_pickle_is_refused(parts, place, error):
    content = changed(parts.to_bytes(), place, pickle.dumps({"weight": 1}))

    with pytest.raises(error, match=place.rpartition("/")[2]):
        FittedParts.from_bytes(content)


def test_a_name_that_leads_out_of_the_folder_stays_in(parts, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    content = io.BytesIO(parts.to_bytes())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("../../outside.txt", "text")

    FittedParts.from_bytes(content.getvalue())

    assert list(tmp_path.rglob("outside.txt")) == []
    assert not (tmp_path.parent / "outside.txt").exists()
