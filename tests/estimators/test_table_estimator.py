"""What the estimators have in common."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectFromModel

from fieldwise.errors import ConfigError
from fieldwise.estimators import FieldwiseClassifier
from fieldwise.fitting import fit
from fieldwise.search import choose_fields


def test_the_ranker_is_that_of_the_library(clicks, settings):
    """With the same rows held out, ``fit`` gives the same ranker."""
    X, y = clicks
    estimator = FieldwiseClassifier(**settings, random_state=5).fit(X, y)
    held_out = estimator.ranker_.info["split"]["rows"]["valid"]

    from fieldwise.estimators.held_out import stratified_hold_out

    numbers = (y == "none").astype(int)
    parts = np.where(stratified_hold_out(numbers, share=0.1, seed=5), "valid", "train")
    ranker = fit(
        X.with_columns(label=numbers, part=parts),
        label="label",
        split="part",
        model="lr",
        recipe={"learning_rate": 0.1, "num_epochs": 20, "seed": 5},
    )

    assert held_out == 30
    np.testing.assert_array_equal(estimator.predict_proba(X)[:, 1], ranker.predict(X))


def test_parameters_are_stored_as_given(settings):
    recipe = {"batch_size": 64}

    estimator = FieldwiseClassifier(**settings, recipe=recipe)

    assert estimator.recipe is recipe
    assert clone(estimator).get_params() == estimator.get_params()
    assert estimator.set_params(valid=0.2).valid == 0.2


def test_importance_is_measured_on_held_out_rows(classifier):
    importance = classifier.importance_

    assert importance is classifier.importance_
    assert importance.names == ("site", "price", "tags")
    assert importance.ranked[-1] == "tags"
    # A constant column is no field, and worth nothing.
    assert classifier.feature_importances_.tolist() == [*importance.scores, 0.0]


def test_columns_are_chosen_by_importance(clicks, settings):
    X, y = clicks

    chosen = SelectFromModel(FieldwiseClassifier(**settings)).fit(X, y)

    assert chosen.get_support().tolist() == [True, True, False, False]


def test_another_fit_forgets_the_importance(clicks, settings):
    X, y = clicks
    estimator = FieldwiseClassifier(**settings).fit(X, y)
    before = estimator.importance_

    estimator.fit(X.select("price", "site"), y)

    assert before.names != estimator.importance_.names == ("price", "site")


@pytest.mark.parametrize(
    "repeat", [copy.deepcopy, lambda item: pickle.loads(pickle.dumps(item))]
)
def test_copies_predict_the_same(classifier, clicks, repeat):
    X, _ = clicks

    again = repeat(classifier)

    np.testing.assert_array_equal(again.predict_proba(X), classifier.predict_proba(X))
    np.testing.assert_array_equal(
        again.feature_importances_, classifier.feature_importances_
    )
    assert again.classes_.tolist() == classifier.classes_.tolist()
    assert again.get_params() == classifier.get_params()


def test_a_pickle_holds_no_tensor_and_no_row(clicks, settings):
    X, y = clicks
    # A price that stands in no other column.
    estimator = FieldwiseClassifier(**settings).fit(X, y)

    state = estimator.__getstate__()

    assert isinstance(state["_fitted_parts"], bytes)
    assert {"ranker_", "_held_out", "_importance"}.isdisjoint(state)
    # The estimator itself is as it was.
    assert estimator.ranker_.predict(X).shape == (300,)


def test_an_unfitted_estimator_is_pickled_and_says_so(tmp_path):
    estimator = pickle.loads(pickle.dumps(FieldwiseClassifier("fm")))

    assert estimator.model == "fm"
    assert not hasattr(estimator, "feature_importances_")
    with pytest.raises(NotFittedError, match="not fitted yet"):
        estimator.save(tmp_path / "model")
    with pytest.raises(NotFittedError, match="not fitted yet"):
        estimator.predict([[1.0]])


def test_fields_are_selected_in_the_fit(clicks, settings):
    X, y = clicks

    estimator = FieldwiseClassifier(
        **settings, selection=choose_fields("lasso", 1, seed=0)
    ).fit(X.drop("tags"), y)

    assert len(estimator.ranker_.schema) == 1
    assert estimator.importance_.names == estimator.ranker_.schema.names
    assert np.count_nonzero(estimator.feature_importances_) == 1


def test_columns_are_what_one_says(clicks, settings):
    X, y = clicks

    estimator = FieldwiseClassifier(
        **settings, fields={"site": {"min_count": 1000}, "tags": "ignored"}
    ).fit(X, y)

    # No site is frequent enough: only the row of unknown ones is left.
    assert estimator.ranker_.schema.names == ("site", "price")
    assert estimator.ranker_.schema["site"].num_features <= 2


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"model": "nothing"}, "nothing"),
        ({"calibration": "plat"}, "calibration must be one of"),
        ({"recipe": {"learning_rate": 1}}, "learning_rate"),
        ({"recipe": {"batch": 1}}, "batch"),
        ({"model_arguments": {"depth": 3}}, "depth"),
        ({"num_epochs": 0}, "num_epochs must be positive"),
    ],
)
def test_impossible_parameters_are_told_by_fit(clicks, parameters, words):
    with pytest.raises((ConfigError, ValueError), match=words):
        FieldwiseClassifier(**parameters).fit(*clicks)
