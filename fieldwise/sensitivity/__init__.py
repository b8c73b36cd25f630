"""What a trained model feels of each field: measured, without training anything."""

from fieldwise.sensitivity.embedding_gradients import (
    EmbeddedRows,
    embedding_gradients,
    mean_embeddings,
)
from fieldwise.sensitivity.permutation import permute_fields
from fieldwise.sensitivity.some_permutations import permute_some_rows
from fieldwise.sensitivity.split_model import Embedded, SplitModel

__all__ = [
    "Embedded",
    "EmbeddedRows",
    "SplitModel",
    "embedding_gradients",
    "mean_embeddings",
    "permute_fields",
    "permute_some_rows",
]
