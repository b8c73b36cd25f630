"""The library as scikit-learn estimators."""

from fieldwise.estimators.classifier import FieldwiseClassifier
from fieldwise.estimators.group_ranker import FieldwiseRanker
from fieldwise.estimators.regressor import FieldwiseRegressor

__all__ = ["FieldwiseClassifier", "FieldwiseRanker", "FieldwiseRegressor"]
