"""IPNN: the tower reads the products of all pairs, too."""

from dataclasses import replace
from itertools import combinations

import pytest
import torch
from torch import nn

from fieldwise.models.ipnn import IPNN


def randomise(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = randomise(IPNN(mixed_schema, embedding_dim=3, hidden_dims=(5, 4)).double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    rows = []
    for fields in model.embedding(batch).tolist():
        products = [
            sum(a * b for a, b in zip(one, other, strict=True))
            for one, other in combinations(fields, 2)
        ]
        rows.append([value for field in fields for value in field] + products)
    # The tower and the head equal loops in their own tests.
    expected = model.head(model.deep(torch.tensor(rows, dtype=torch.float64)))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_two_fields_by_hand(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    model = IPNN(schema, embedding_dim=1, hidden_dims=(1,))
    with torch.no_grad():
        model.embedding.table.copy_(torch.arange(8.0).unsqueeze(1))
        model.deep.layers[0].weight.copy_(torch.tensor([[1.0, -1.0, 0.5]]))
        model.deep.layers[0].bias.fill_(10.0)
        model.head.linear.weight.fill_(2.0)
        model.head.linear.bias.fill_(100.0)
    batch = replace(
        random_batch(schema, 1), indices=torch.tensor([[3, 6]], dtype=torch.int32)
    )

    # 2 relu(3 - 6 + .5 * 3 * 6 + 10) + 100
    assert model(batch).tolist() == [132.0]


def test_one_field_has_no_product(categorical_schema, random_batch):
    schema = categorical_schema.select(["site"])
    model = IPNN(schema, embedding_dim=3, hidden_dims=(4,))

    assert model.deep.in_features == 3
    assert model(random_batch(schema, 5)).shape == (5,)


def test_size_of_the_published_frappe_model(frappe_schema):
    model = IPNN(frappe_schema, embedding_dim=10, hidden_dims=(400, 400, 400))

    # 53,890 of the table; the tower reads 100 + 45 numbers: 58,400 and twice 160,400;
    # the head 401.
    assert sum(p.numel() for p in model.parameters()) == 433_491


def test_length_must_be_positive(categorical_schema):
    with pytest.raises(ValueError, match=r"embedding_dim must be positive, got 0\."):
        IPNN(categorical_schema, embedding_dim=0)
