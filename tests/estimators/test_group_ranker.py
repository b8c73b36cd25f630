"""The ranker of groups."""

import numpy as np
import polars as pl
import pytest
import sklearn
from sklearn.metrics import ndcg_score
from sklearn.model_selection import GroupKFold, cross_val_score

from fieldwise.errors import DataError
from fieldwise.estimators import FieldwiseRanker


@pytest.fixture(scope="module")
def pages():
    """40 pages of five ads each; an ad is clicked on by its kind, and by chance."""
    random = np.random.default_rng(0)
    kinds = random.choice(["a", "b", "c"], 200)
    chances = np.array([0.9, 0.5, 0.1])[np.searchsorted(["a", "b", "c"], kinds)]
    X = pl.DataFrame({"page": np.repeat(np.arange(40), 5), "kind": kinds})
    return X, (random.random(200) < chances).astype(int)


@pytest.fixture(scope="module")
def ranker(pages, settings):
    X, y = pages
    return FieldwiseRanker(**settings).fit(X, y, group="page")


def plain_ndcg(y, scores, groups):
    """scikit-learn's, page by page."""
    values = [
        ndcg_score([y[groups == group]], [scores[groups == group]])
        for group in np.unique(groups)
        if y[groups == group].any()
    ]
    return np.mean(values)


def test_the_score_is_the_ndcg_of_the_groups(ranker, pages):
    X, y = pages

    score = ranker.score(X, y)

    groups = X["page"].to_numpy()
    assert score == pytest.approx(plain_ndcg(y, ranker.predict(X), groups))
    assert score > 0.85
    texts = np.array([f"page {group}" for group in groups])
    assert ranker.score(X, y, group=texts) == score


def test_the_column_of_groups_is_no_field(ranker, pages):
    X, _ = pages

    assert ranker.ranker_.schema.names == ("kind",)
    assert ranker.ranker_.schema.group == "page"
    assert "group_auc" in ranker.ranker_.metrics["valid"]
    assert ranker.feature_importances_[0] == 0 < ranker.feature_importances_[1]
    others = X.with_columns(page=pl.lit(0))
    np.testing.assert_array_equal(ranker.predict(others), ranker.predict(X))


def test_groups_may_be_given_beside_the_table(ranker, pages, settings):
    X, y = pages

    other = FieldwiseRanker(**settings).fit(X.select("kind"), y, group=X["page"])

    assert not hasattr(other, "group_")
    np.testing.assert_array_equal(other.predict(X.select("kind")), ranker.predict(X))


def test_without_groups_all_rows_are_one(pages, settings):
    X, y = pages
    kinds = X.select("kind")

    ranker = FieldwiseRanker(**settings).fit(kinds, y)

    expected = ndcg_score([y], [ranker.predict(kinds)])
    assert ranker.score(kinds, y) == pytest.approx(expected)


def test_grades_are_learned_as_numbers(pages, settings):
    X, _ = pages
    grades = X["kind"].replace_strict({"a": 3, "b": 1, "c": 0}).to_numpy()

    ranker = FieldwiseRanker(**settings).fit(X, grades, group="page")

    assert ranker.ranker_.schema.labels[0].kind == "real"
    assert ranker.score(X, grades) == 1.0


def test_cross_validation_over_a_column_of_groups(pages, settings):
    X, y = pages

    scores = cross_val_score(
        FieldwiseRanker(**settings),
        X,
        y,
        groups=X["page"],
        cv=GroupKFold(2),
        params={"group": "page"},
    )

    assert scores.min() > 0.8


def test_groups_are_routed(pages, settings):
    X, y = pages
    kinds, groups = X.select("kind"), X["page"].to_numpy()

    with sklearn.config_context(enable_metadata_routing=True):
        ranker = FieldwiseRanker(**settings)
        ranker.set_fit_request(group=True).set_score_request(group=True)
        scores = cross_val_score(
            ranker,
            kinds,
            y,
            cv=GroupKFold(2),
            params={"group": groups, "groups": groups},
        )

    assert scores.min() > 0.8


def test_impossible_groups(pages):
    X, y = pages

    with pytest.raises(DataError, match=r"column of X, \['page', 'kind'\], got 'user'"):
        FieldwiseRanker().fit(X, y, group="user")
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        FieldwiseRanker().fit(X, y, group=[1, 2])


def test_gains_are_not_negative(ranker, pages):
    X, y = pages

    with pytest.raises(DataError, match="labels must be"):
        ranker.score(X, y - 1)
