"""Costs, against multiplications counted by hand."""

import pytest
import torch
from torch import nn

from fieldwise.models import MODELS, build_model
from fieldwise.models.cost import cost_of, example_batch


def count(model, schema):
    cost = cost_of(model, schema)
    assert cost.parameters == sum(p.numel() for p in model.parameters())
    return cost


def test_of_a_tower_and_crosses_by_hand(categorical_schema):
    model = build_model(
        "dcnv2",
        categorical_schema,
        embedding_dim=2,
        num_cross_layers=3,
        hidden_dims=(5, 4),
    )

    cost = count(model, categorical_schema)

    # Twelve features; crosses of 6 x 6 and a product with x0 each; 6-5-4; head of 10.
    assert cost.table == 12 * 2
    assert cost.network == 3 * (36 + 6) + (30 + 5) + (20 + 4) + 10 + 1
    assert cost.multiply_adds == 3 * (36 + 6) + 30 + 20 + 10


def test_scaling_by_a_number_is_no_product(categorical_schema):
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(3))

        def forward(self, batch):
            return (2.0 * batch.indices * self.weight * torch.tensor(0.5)).sum(dim=1)

    assert count(Scaled(), categorical_schema).multiply_adds == 3


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_cost(name, mixed_schema):
    model = build_model(name, mixed_schema).train()

    cost = count(model, mixed_schema)

    assert model.training
    assert cost.table > 0
    assert cost.multiply_adds > 0


def test_the_example_is_a_row_of_unknown_values(mixed_schema):
    batch = example_batch(mixed_schema)

    assert len(batch) == 1
    assert batch.indices.tolist() == [
        list(mixed_schema.table_offsets[: len(mixed_schema.index_fields)])
    ]
