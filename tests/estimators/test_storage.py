"""Estimators as folders."""

import json

import numpy as np
import pytest

from fieldwise.errors import ConfigError, DataError, RankerFormatError
from fieldwise.estimators import (
    FieldwiseClassifier,
    FieldwiseRanker,
    FieldwiseRegressor,
)
from fieldwise.schema import CategoricalField


@pytest.fixture
def folder(classifier, tmp_path):
    classifier.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_folder_gives_the_estimator_back(classifier, clicks, folder):
    X, y = clicks

    again = FieldwiseClassifier.load(folder)

    assert again.get_params() == classifier.get_params()
    assert again.classes_.tolist() == ["click", "none"]
    assert again.classes_.dtype == classifier.classes_.dtype
    assert again.feature_names_in_.tolist() == X.columns
    assert again.n_features_in_ == len(X.columns)
    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    np.testing.assert_array_equal(
        again.feature_importances_, classifier.feature_importances_
    )
    assert again.fit(X, y).score(X, y) == classifier.score(X, y)


def test_the_folder_of_a_ranker_knows_its_groups(clicks, settings, tmp_path):
    X, y = clicks
    labels = (y == "click").astype(int)
    ranker = FieldwiseRanker(**settings).fit(X, labels, group="site")

    ranker.save(tmp_path / "ranker")
    again = FieldwiseRanker.load(tmp_path / "ranker")

    assert again.group_ == "site"
    assert again.score(X, labels) == ranker.score(X, labels)


def test_the_folder_of_arrays_has_no_names(settings, tmp_path):
    X = np.random.default_rng(0).normal(size=(50, 2))
    regressor = FieldwiseRegressor(**settings).fit(X, X[:, 0])

    regressor.save(tmp_path / "numbers")
    again = FieldwiseRegressor.load(tmp_path / "numbers")

    assert not hasattr(again, "feature_names_in_")
    np.testing.assert_array_equal(again.predict(X), regressor.predict(X))


def test_a_folder_is_replaced_only_where_it_may_be(classifier, folder, tmp_path):
    with pytest.raises(DataError, match="must not exist"):
        classifier.save(folder)
    classifier.save(folder, overwrite=True)

    (tmp_path / "notes").mkdir()
    with pytest.raises(DataError, match="holds no estimator"):
        classifier.save(tmp_path / "notes", overwrite=True)


@pytest.mark.parametrize(
    "parameters",
    [
        {"random_state": np.random.RandomState(0)},
        {"fields": {"a": CategoricalField("a")}},
    ],
)
def test_parameters_that_are_no_json_are_refused(classifier, tmp_path, parameters):
    estimator = FieldwiseClassifier.load(_saved(classifier, tmp_path))
    estimator.set_params(**parameters)

    with pytest.raises(
        ConfigError, match=rf"\['{next(iter(parameters))}'\].*ranker_.save"
    ):
        estimator.save(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def _saved(estimator, tmp_path):
    estimator.save(tmp_path / "saved")
    return tmp_path / "saved"


def test_classes_that_are_no_json_are_refused(classifier, tmp_path):
    estimator = FieldwiseClassifier.load(_saved(classifier, tmp_path))
    estimator.classes_ = np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]")

    with pytest.raises(ConfigError, match="classes must be numbers, text or booleans"):
        estimator.save(tmp_path / "other")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("format_version", 2, "its format_version must be 1, got 2"),
        ("estimator", "Other", "its estimator must be 'FieldwiseClassifier'"),
        ("parameters", {"size": 3}, "estimator.json cannot be used: TypeError"),
        ("arrays", {"classes_": {"type": "<M8[D]", "values": []}}, "one of the kinds"),
    ],
)
def test_another_manifest_is_refused(folder, key, value, words):
    manifest = json.loads((folder / "estimator.json").read_text("utf-8"))
    (folder / "estimator.json").write_text(json.dumps(manifest | {key: value}), "utf-8")

    with pytest.raises(RankerFormatError, match=words):
        FieldwiseClassifier.load(folder)


def test_texts_are_as_long_as_they_are(folder):
    manifest = json.loads((folder / "estimator.json").read_text("utf-8"))
    manifest["arrays"]["classes_"]["type"] = "<U500000000"
    (folder / "estimator.json").write_text(json.dumps(manifest), "utf-8")

    assert FieldwiseClassifier.load(folder).classes_.nbytes < 100


def test_a_folder_of_two_fits_is_refused(folder):
    file = folder / "ranker" / "ranker.json"
    file.write_text(file.read_text("utf-8") + "\n", "utf-8")

    with pytest.raises(RankerFormatError, match=r"ranker/ranker.json.*checksum"):
        FieldwiseClassifier.load(folder)


def test_no_folder(tmp_path):
    with pytest.raises(RankerFormatError, match=r"estimator\.json cannot be used"):
        FieldwiseClassifier.load(tmp_path)
