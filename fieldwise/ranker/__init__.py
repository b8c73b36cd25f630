"""The fitted object: raw rows in, calibrated probabilities out."""

from fieldwise.ranker.findings import (
    field_importance_of,
    field_selection_of,
    importance_of,
    selection_of,
)
from fieldwise.ranker.predictions import Predictions
from fieldwise.ranker.ranker import Ranker

__all__ = [
    "Predictions",
    "Ranker",
    "field_importance_of",
    "field_selection_of",
    "importance_of",
    "selection_of",
]
