"""What mattered to a trained model: every method returns an ``Importance``."""

from fieldwise.explain.attention import attention_fields, attention_pairs
from fieldwise.explain.baselines import BaselineModel, draw_baselines
from fieldwise.explain.contributions import FieldContributions
from fieldwise.explain.cross_features import (
    cross_features,
    field_importance,
    row_fields,
)
from fieldwise.explain.gradient_correlation import (
    gradient_correlation,
    value_correlation,
)
from fieldwise.explain.integrated_gradients import integrated_gradients
from fieldwise.explain.ranker_rows import labelled_rows, ranker_rows
from fieldwise.sensitivity.permutation import permute_fields

__all__ = [
    "BaselineModel",
    "FieldContributions",
    "attention_fields",
    "attention_pairs",
    "cross_features",
    "draw_baselines",
    "field_importance",
    "gradient_correlation",
    "integrated_gradients",
    "labelled_rows",
    "permute_fields",
    "ranker_rows",
    "row_fields",
    "value_correlation",
]
