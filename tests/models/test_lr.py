"""LR against the equation."""

import torch

from fieldwise.models.lr import LR
from fieldwise.schema import CategoricalField, Schema
from tests.models.by_loop import randomise


def test_three_fields_by_hand(categorical_schema, categorical_batch):
    model = LR(categorical_schema)
    with torch.no_grad():
        model.bias.fill_(0.5)
        # Twelve features weigh 0, 1, 2, ..., 11.
        model.linear.weights.table.copy_(torch.arange(12.0).unsqueeze(1))

    logits = model(categorical_batch)

    # The weight of a feature is its row of the table: z = .5 + sum of the indices.
    assert logits.tolist() == [
        0.5 + sum(row) for row in categorical_batch.indices.tolist()
    ]


def test_adds_one_weight_per_field(mixed_schema, mixed_batch, to_double):
    model = randomise(LR(mixed_schema).double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    weights = model.linear.weights(batch)[:, :, 0].tolist()
    expected = [sum(row) + model.bias.item() for row in weights]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_one_field(random_batch):
    schema = Schema((CategoricalField("site", num_features=3, value_type="string"),))
    model = LR(schema)
    batch = random_batch(schema, 4)

    rows = model.linear.weights.table[batch.indices[:, 0].long(), 0]

    torch.testing.assert_close(model(batch), rows)


def test_starts_near_even_odds(categorical_schema, categorical_batch):
    assert LR(categorical_schema)(categorical_batch).abs().max() < 1e-2
