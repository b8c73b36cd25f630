"""How good probabilities, rankings and predictions are, exactly.

Every metric takes NumPy arrays with one entry per row, computes in float64, and is
exact: no histogram stands in for the rows, and ties are handled as what they are.
"""

from fieldwise.metrics.calibration import (
    ReliabilityTable,
    calibration_ratio,
    expected_calibration_error,
    reliability_table,
)
from fieldwise.metrics.classification import brier_score, log_loss, normalized_entropy
from fieldwise.metrics.ranking import GroupAUC, auc, group_auc, ndcg
from fieldwise.metrics.regression import mae, r2, rmse

__all__ = [
    "GroupAUC",
    "ReliabilityTable",
    "auc",
    "brier_score",
    "calibration_ratio",
    "expected_calibration_error",
    "group_auc",
    "log_loss",
    "mae",
    "ndcg",
    "normalized_entropy",
    "r2",
    "reliability_table",
    "rmse",
]
