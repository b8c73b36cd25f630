"""The classifier, alone and inside scikit-learn's tools."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fieldwise.errors import DataError
from fieldwise.estimators import FieldwiseClassifier


def test_probabilities_are_those_of_the_classes(classifier, clicks):
    X, y = clicks

    probabilities = classifier.predict_proba(X)

    assert probabilities.shape == (300, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(probabilities[:, 1], classifier.ranker_.predict(X))
    assert roc_auc_score(y == "click", probabilities[:, 0]) > 0.95
    assert (classifier.predict(X) == y).mean() == classifier.score(X, y) > 0.9


@pytest.mark.parametrize(
    "take", [pl.DataFrame, pl.DataFrame.to_pandas, pl.DataFrame.to_arrow]
)
def test_every_kind_of_frame_gives_the_same(classifier, clicks, settings, take):
    X, y = clicks
    table = take(X)

    estimator = FieldwiseClassifier(**settings).fit(table, y)

    assert isinstance(table, pl.DataFrame | pd.DataFrame | pa.Table)
    np.testing.assert_array_equal(
        estimator.predict_proba(table), classifier.predict_proba(X)
    )


def test_arrays_of_objects_hold_names_and_numbers(clicks, settings):
    X, y = clicks
    array = X.select("site", "price").to_numpy().astype(object)

    estimator = FieldwiseClassifier(**settings).fit(array, y)

    kinds = [field.kind for field in estimator.ranker_.schema]
    assert kinds == ["categorical", "numeric"]
    assert estimator.score(array, y) > 0.9


def test_three_classes_share_one():
    random = np.random.default_rng(1)
    sites = random.choice(["a", "b", "c"], 300)
    X = pl.DataFrame({"site": sites})
    y = np.array([7, 5, 9])[np.searchsorted(["a", "b", "c"], sites)]

    classifier = FieldwiseClassifier("lr", learning_rate=0.3, num_epochs=20).fit(X, y)

    assert classifier.classes_.tolist() == [5, 7, 9]
    probabilities = classifier.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert classifier.score(X, y) == 1.0
    values = classifier.ranker_.predict(X)
    np.testing.assert_array_equal(
        probabilities, values / values.sum(axis=1, keepdims=True)
    )


def test_classes_that_nothing_speaks_for_share_evenly(classifier, monkeypatch):
    monkeypatch.setattr(
        FieldwiseClassifier, "_predict_table", lambda *_: np.array([[0.0] * 4])
    )

    assert classifier.predict_proba(None).tolist() == [[0.25] * 4]


def test_rows_without_weight_are_as_good_as_gone(clicks, settings):
    X, y = clicks
    weights = np.where(np.arange(300) < 200, 1.0, 0.0)
    wrong = np.where(weights > 0, y, "none")

    weighted = FieldwiseClassifier(**settings).fit(X, wrong, sample_weight=weights)
    alone = FieldwiseClassifier(**settings).fit(
        X.head(200), y[:200], sample_weight=weights[:200]
    )

    np.testing.assert_array_equal(weighted.predict_proba(X), alone.predict_proba(X))


def test_a_heavier_class_is_more_probable(clicks, settings):
    X, y = clicks
    even = FieldwiseClassifier(**settings).fit(X, y)
    heavy = FieldwiseClassifier(**settings).fit(
        X, y, sample_weight=np.where(y == "click", 10.0, 1.0)
    )

    assert heavy.predict_proba(X)[:, 0].mean() > even.predict_proba(X)[:, 0].mean()


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (lambda y: np.where(y == "click", 0.0, 1.0), r"positive in every class.*click"),
        (lambda y: np.zeros(len(y)), "positive for some rows"),
    ],
)
def test_weights_that_leave_no_class(clicks, settings, weights, words):
    X, y = clicks

    with pytest.raises(DataError, match=words):
        FieldwiseClassifier(**settings).fit(X, y, sample_weight=weights(y))


def test_one_class(clicks):
    with pytest.raises(DataError, match=r"two classes, got one class: \['a'\]"):
        FieldwiseClassifier().fit(clicks[0], ["a"] * 300)


def test_in_a_pipeline_and_cross_validated(clicks, settings):
    X, y = clicks
    frame = X.drop("tags").to_pandas()
    scaled = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    pipeline = make_pipeline(scaled, FieldwiseClassifier(**settings))

    scores = cross_val_score(pipeline, frame, y, cv=3, scoring="roc_auc")

    assert scores.shape == (3,)
    assert scores.min() > 0.85


def test_cross_validation_takes_polars(clicks, settings):
    scores = cross_val_score(FieldwiseClassifier(**settings), *clicks, cv=2)

    assert scores.min() > 0.8


def test_searched_for_the_best_parameters(clicks, settings):
    X, y = clicks
    grid = {"model": ["lr", "fm"], "learning_rate": [1e-6, 0.1]}

    search = GridSearchCV(
        FieldwiseClassifier(**settings), grid, cv=2, scoring="neg_log_loss"
    ).fit(X, y)

    # With steps of a millionth nothing is learned.
    assert search.best_params_["learning_rate"] == 0.1
    assert search.best_estimator_.score(X, y) > 0.9


def test_calibrated_by_scikit_learn(clicks, settings):
    X, y = clicks

    calibrated = CalibratedClassifierCV(
        FieldwiseClassifier(**settings, calibration="identity"), cv=2
    ).fit(X, y)

    probabilities = calibrated.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert roc_auc_score(y == "click", probabilities[:, 0]) > 0.9
