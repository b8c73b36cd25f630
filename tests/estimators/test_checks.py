"""The promises that scikit-learn asks of every estimator."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from fieldwise.estimators import (
    FieldwiseClassifier,
    FieldwiseRanker,
    FieldwiseRegressor,
)

EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight two and two rows of weight one fall into other batches, and "
        "into the rows held out as one or as two"
    ),
}
SETTINGS = {
    "model": "lr",
    "learning_rate": 0.3,
    "num_epochs": 10,
    "calibration": "identity",
}


@parametrize_with_checks(
    [
        FieldwiseClassifier(**SETTINGS),
        FieldwiseRegressor(**SETTINGS),
        FieldwiseRanker(**SETTINGS),
    ],
    expected_failed_checks=lambda _: EXPECTED,
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
