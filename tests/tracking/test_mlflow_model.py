"""A ranker as an MLflow model."""

import mlflow
import numpy as np
import pytest
import yaml

from fieldwise.errors import RankerFormatError
from fieldwise.tracking.mlflow_model import write_mlflow_model


@pytest.fixture(scope="module")
def ranker(followed):
    return followed()


@pytest.fixture(scope="module")
def folder(ranker, tmp_path_factory):
    place = tmp_path_factory.mktemp("mlflow") / "model"
    write_mlflow_model(ranker, place)
    return place


def test_mlflow_loads_it_and_predicts(ranker, folder, clicks):
    model = mlflow.pyfunc.load_model(str(folder))

    scores = model.predict(clicks.to_pandas())

    np.testing.assert_array_equal(scores, ranker.predict(clicks))


def test_nothing_in_it_can_run(folder):
    files = {path.suffix for path in folder.rglob("*") if path.is_file()}

    assert files <= {"", ".json", ".parquet", ".safetensors", ".txt", ".yaml"}
    flavour = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))["flavors"]
    assert flavour["python_function"]["loader_module"] == (
        "fieldwise.tracking.mlflow_model"
    )
    assert "fieldwise==" in (folder / "requirements.txt").read_text("utf-8")


def test_a_damaged_one_is_refused(ranker, tmp_path):
    write_mlflow_model(ranker, tmp_path / "model")
    (weights,) = (tmp_path / "model").rglob("weights.safetensors")
    weights.write_bytes(b"not those")

    with pytest.raises(RankerFormatError, match=r"weights\.safetensors"):
        mlflow.pyfunc.load_model(str(tmp_path / "model"))
