"""IPNN: the tower reads the products of all pairs, too."""

from dataclasses import replace
from itertools import combinations

import torch

from fieldwise.models.ipnn import IPNN
from tests.models.by_loop import randomise, set_neuron


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
    expected = model.tower(torch.tensor(rows, dtype=torch.float64))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_two_fields_by_hand(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    model = IPNN(schema, embedding_dim=1, hidden_dims=(1,))
    with torch.no_grad():
        model.embedding.table.copy_(torch.arange(8.0).unsqueeze(1))
    set_neuron(model.tower, [1.0, -1.0, 0.5])
    batch = replace(
        random_batch(schema, 1), indices=torch.tensor([[3, 6]], dtype=torch.int32)
    )

    # 2 relu(3 - 6 + .5 * 3 * 6 + 10) + 100
    assert model(batch).tolist() == [132.0]


def test_one_field_has_no_product(categorical_schema, random_batch):
    schema = categorical_schema.select(["site"])
    model = IPNN(schema, embedding_dim=3, hidden_dims=(4,))

    assert model.tower.deep.in_features == 3
    assert model(random_batch(schema, 5)).shape == (5,)
