"""FM against the double sum over pairs."""

from dataclasses import replace
from itertools import combinations

import torch

from fieldwise.models.fm import FM
from fieldwise.schema import CategoricalField, Label, Schema
from tests.models.by_loop import randomise


def sum_over_pairs(vectors):
    return sum(
        a * b
        for first, second in combinations(vectors, 2)
        for a, b in zip(first, second, strict=True)
    )


def test_two_fields_by_hand(random_batch):
    schema = Schema(
        tuple(
            CategoricalField(name, num_features=1, value_type="string")
            for name in ("site", "device")
        )
    )
    model = FM(schema, embedding_dim=2)
    with torch.no_grad():
        model.embedding.table.copy_(torch.tensor([[1.0, 2.0], [3.0, -4.0]]))
        model.linear.weights.table.copy_(torch.tensor([[0.5], [0.25]]))
        model.bias.fill_(10.0)

    # bias 10, weights .5 + .25, pair 1 * 3 - 2 * 4
    assert model(random_batch(schema, 1)).tolist() == [5.75]


def test_equals_the_double_loop(mixed_schema, mixed_batch, to_double):
    model = randomise(FM(mixed_schema, embedding_dim=3).double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    vectors = model.embedding(batch).tolist()
    linear = model.linear(batch).tolist()
    expected = [
        model.bias.item() + linear[row] + sum_over_pairs(vectors[row])
        for row in range(len(batch))
    ]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_each_label_has_a_machine_of_its_own(
    categorical_schema, categorical_batch, to_double
):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    both = randomise(FM(schema, embedding_dim=3).double())
    one = FM(categorical_schema, embedding_dim=3).double()
    batch = to_double(categorical_batch)

    for task in (0, 1):
        with torch.no_grad():
            columns = slice(3 * task, 3 * task + 3)
            one.embedding.table.copy_(both.embedding.table[:, columns])
            one.linear.weights.table.copy_(
                both.linear.weights.table[:, task : task + 1]
            )
            one.bias.copy_(both.bias[task : task + 1])

        torch.testing.assert_close(one(batch), both(batch)[:, task], rtol=0, atol=1e-10)
