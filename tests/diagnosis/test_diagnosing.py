"""A whole diagnosis."""

import json

import numpy as np
import polars as pl
import pytest

from fieldwise.diagnosis import Diagnosis, diagnose
from fieldwise.errors import DataError
from fieldwise.fitting import fit


def test_diagnosis(observed):
    ranker, parts = observed

    found = diagnose(ranker, parts)

    assert (found.part, found.num_rows) == ("test", 300)
    assert found.importance.ranked[0] == "site"
    assert "AUC" in found.importance.meaning
    assert [one["field"] for one in found.segments] == ["site", "noise"]
    bins = found.reliability["click"]["after"]
    mean = np.average(bins["mean_label"], weights=bins["weight"])
    assert mean == pytest.approx(ranker.metrics["test"]["positive_rate"])
    assert set(found.fields) == set(ranker.schema.names)
    json.dumps(found.to_dict(), allow_nan=False)


def test_validation_rows_where_there_are_no_test_rows(observed):
    ranker, parts = observed

    found = diagnose(ranker, {name: parts[name] for name in ("train", "valid")})

    assert found.part == "valid"


def test_real_labels_have_no_probabilities():
    diagnoses = []
    table = pl.DataFrame(
        {"site": ["a", "b", "c", "d"] * 60, "spent": [1.0, 2.5, 3.0, 0.5] * 60}
    )

    fit(
        table,
        label="spent",
        model="lr",
        recipe={"num_epochs": 1},
        observe=lambda ranker, parts: diagnoses.append(
            diagnose(ranker, parts.datasets)
        ),
        progress=False,
    )

    assert (diagnoses[0].reliability, diagnoses[0].segments) == ({}, [])
    assert diagnoses[0].importance.meaning.startswith("loss")


def test_held_out_rows_are_needed(observed):
    ranker, parts = observed

    with pytest.raises(DataError, match=r"must have test or valid rows, got \['train"):
        diagnose(ranker, {"train": parts["train"]})


def test_file(observed, tmp_path):
    ranker, parts = observed
    found = diagnose(ranker, parts)

    found.save(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["diagnosis.json"]
    assert Diagnosis.load(tmp_path).to_dict() == found.to_dict()
