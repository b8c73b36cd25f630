"""Importances and selections of strangers: refused, or small."""

import hashlib
import json
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fieldwise.errors import DataError
from fieldwise.importance import Importance, Selection


@pytest.fixture
def folder(tmp_path):
    scores = np.array([1.0, 2.0, 0.5])
    importance = Importance("field", ("a", "b", "c"), scores, "AUC lost", "permutation")
    importance.save(tmp_path / "importance")
    return tmp_path / "importance"


@pytest.mark.parametrize("file", ["about.json", "scores.parquet"])
def test_no_pipe_is_waited_for_and_no_hole_is_read(folder, file):
    (folder / file).unlink()
    os.mkfifo(folder / file)
    with pytest.raises(DataError, match=f"{file}.*regular file"):
        Importance.load(folder)

    (folder / file).unlink()
    (folder / file).touch()
    os.truncate(folder / file, 2**40)  # takes no space
    with pytest.raises(DataError, match=f"{file}.*at most"):
        Importance.load(folder)


def test_a_table_that_inflates_is_refused(folder):
    rows = 10_000_000
    columns = {"name": pa.nulls(rows, pa.string()), "score": np.zeros(rows)}
    pq.write_table(pa.table(columns), folder / "scores.parquet", compression="zstd")
    content = (folder / "scores.parquet").read_bytes()
    about = json.loads((folder / "about.json").read_text("utf-8"))
    about["sha256"] = hashlib.sha256(content).hexdigest()
    (folder / "about.json").write_text(json.dumps(about), "utf-8")
    assert len(content) < 1_000_000

    with pytest.raises(DataError, match=r"scores\.parquet.*rows, got 10000000"):
        Importance.load(folder)


def test_one_number_does_not_stand_for_any_number_of_rows(tmp_path):
    about = {"unit": "row", "kept": [1, 2], "names": 10**12, "choices": []}
    path = tmp_path / "kept.json"
    path.write_text(json.dumps({"format_version": 1, **about}), "utf-8")
    with pytest.raises(DataError, match="names must be of at most 268435456 rows"):
        Selection.load(path)

    with pytest.raises(DataError, match="names must be of at most 2 rows"):
        Importance.from_dict(
            {
                "unit": "row",
                "names": 10**12,
                "scores": [1.0, 2.0],
                "meaning": "",
                "method": "",
                "data_fingerprint": "",
                "seed": None,
                "details": {},
            }
        )


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "3", "null", '{"a"', "\ud800"])
def test_other_text(tmp_path, folder, text):
    for path in (folder / "about.json", tmp_path / "kept.json"):
        path.write_text(text, "utf-8", errors="surrogatepass")

    with pytest.raises(DataError, match="about"):
        Importance.load(folder)
    with pytest.raises(DataError, match="kept"):
        Selection.load(tmp_path / "kept.json")


def test_a_checksum_that_is_null_is_a_wrong_one(folder):
    about = json.loads((folder / "about.json").read_text("utf-8"))
    (folder / "about.json").write_text(json.dumps(about | {"sha256": None}), "utf-8")

    with pytest.raises(DataError, match=r"scores\.parquet.*checksum"):
        Importance.load(folder)
