"""What mattered to a trained model: every method returns an ``Importance``."""

from fieldwise.explain.attention import attention_fields, attention_pairs
from fieldwise.explain.cross_features import (
    cross_features,
    field_importance,
    row_fields,
)
from fieldwise.explain.ranker_rows import labelled_rows, ranker_rows
from fieldwise.sensitivity.permutation import permute_fields

__all__ = [
    "attention_fields",
    "attention_pairs",
    "cross_features",
    "field_importance",
    "labelled_rows",
    "permute_fields",
    "ranker_rows",
    "row_fields",
]
