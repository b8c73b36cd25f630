"""Layers: integers and tensors in, tensors out."""

from fieldwise.nn.dropout import Dropout
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.numeric_embedding import (
    LinearNumericEmbedding,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
)
from fieldwise.nn.embeddings.vector_projection import VectorProjection
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.interactions.factorization_machine import (
    FactorizationMachine,
    pair_terms,
)
from fieldwise.nn.linear import Linear, xavier_linear
from fieldwise.nn.mlp import MLP

__all__ = [
    "MLP",
    "CrossNetwork",
    "Dropout",
    "FactorizationMachine",
    "FieldEmbedding",
    "Linear",
    "LinearHead",
    "LinearNumericEmbedding",
    "PeriodicEmbedding",
    "PiecewiseLinearEmbedding",
    "VectorProjection",
    "pair_terms",
    "xavier_linear",
]
