"""DNN against a loop over its neurons."""

import torch

from fieldwise.models.dnn import DNN
from tests.models.by_loop import apply_linear, apply_tower, check_rows, randomise


def score_by_loop(model, fields):
    """Concatenate, then linear and ReLU per layer, then the head: one row."""
    x = [value for field in fields for value in field]
    x = apply_tower(model.tower.deep, x)
    return apply_linear(model.tower.head.linear, x)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = DNN(mixed_schema, embedding_dim=3, hidden_dims=(5, 4))

    check_rows(randomise(model.double()), to_double(mixed_batch), score_by_loop)


def test_without_a_tower_it_is_linear_in_the_embeddings(
    categorical_schema, categorical_batch
):
    model = DNN(categorical_schema, embedding_dim=2, hidden_dims=())

    flat = model.embedding(categorical_batch).flatten(start_dim=1)

    torch.testing.assert_close(model(categorical_batch), model.tower.head(flat))
