"""The linear part."""

from dataclasses import replace

import torch

from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.schema import CategoricalField, Label, Schema


def test_weights_of_a_row_are_added(categorical_schema, categorical_batch):
    linear = FirstOrder(categorical_schema)
    with torch.no_grad():
        linear.weights.table.copy_(torch.arange(12.0).unsqueeze(1))

    # The weight of feature r is r, so the sum is that of the indices.
    expected = categorical_batch.indices.sum(dim=1).float()
    assert torch.equal(linear(categorical_batch), expected)


def test_each_task_has_weights_of_its_own(categorical_schema, categorical_batch):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    linear = FirstOrder(replace(categorical_schema, labels=labels))
    with torch.no_grad():
        linear.weights.table[:, 0] = 1.0
        linear.weights.table[:, 1] = -2.0

    assert linear(categorical_batch).tolist() == [[3.0, -6.0]] * 8


def test_one_weight_a_feature_and_no_bias():
    field = CategoricalField("site", num_features=7, value_type="string")

    linear = FirstOrder(Schema((field,)))

    assert [p.numel() for p in linear.parameters()] == [7]
