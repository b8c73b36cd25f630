"""Optimizers that move only the rows of a table that a batch has touched."""

from fieldwise.training.optimizers.lazy_adam import LazyAdam
from fieldwise.training.optimizers.lazy_decay import LazyDecay
from fieldwise.training.optimizers.rowwise_adagrad import RowwiseAdagrad

__all__ = ["LazyAdam", "LazyDecay", "RowwiseAdagrad"]
