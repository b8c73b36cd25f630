"""FFM against the double sum over pairs."""

from dataclasses import replace
from itertools import combinations

import torch

from fieldwise.models.ffm import FFM
from fieldwise.models.fm import FM
from fieldwise.models.lr import LR
from fieldwise.schema import CategoricalField, Label, Schema
from tests.models.by_loop import randomise


def vector(row, field, other, dim):
    """The part of a field's long vector that is for another field."""
    place = other - 1 if other > field else other
    return row[field][place * dim : (place + 1) * dim]


def sum_over_pairs(row, dim):
    return sum(
        a * b
        for i, j in combinations(range(len(row)), 2)
        for a, b in zip(vector(row, i, j, dim), vector(row, j, i, dim), strict=True)
    )


def test_three_fields_by_hand(random_batch):
    schema = Schema(
        tuple(
            CategoricalField(name, num_features=1, value_type="string")
            for name in ("site", "device", "hour")
        )
    )
    model = FFM(schema, embedding_dim=1)
    with torch.no_grad():
        model.embedding.table.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        model.linear.weights.table.copy_(torch.tensor([[0.5], [0.25], [0.125]]))
        model.bias.fill_(100.0)

    # bias 100, weights .875; site and device 1 * 3, site and hour 2 * 5, device and
    # hour 4 * 6
    assert model(random_batch(schema, 1)).tolist() == [137.875]


def test_equals_the_double_loop(mixed_schema, mixed_batch, to_double):
    model = randomise(FFM(mixed_schema, embedding_dim=3).double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    rows = model.embedding(batch).tolist()
    linear = model.linear(batch).tolist()
    expected = [
        model.bias.item() + linear[place] + sum_over_pairs(row, 3)
        for place, row in enumerate(rows)
    ]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_with_one_vector_per_feature_it_is_fm(
    categorical_schema, categorical_batch, to_double
):
    batch = to_double(categorical_batch)
    machine = randomise(FM(categorical_schema, embedding_dim=3).double())
    model = FFM(categorical_schema, embedding_dim=3).double()
    model.linear.load_state_dict(machine.linear.state_dict())
    with torch.no_grad():
        model.embedding.table.copy_(machine.embedding.table.repeat(1, 2))
        model.bias.copy_(machine.bias)

    torch.testing.assert_close(model(batch), machine(batch), rtol=0, atol=1e-10)


def test_each_label_has_a_machine_of_its_own(
    categorical_schema, categorical_batch, to_double
):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    both = randomise(FFM(schema, embedding_dim=3).double())
    one = FFM(categorical_schema, embedding_dim=3).double()
    batch = to_double(categorical_batch)

    for task in (0, 1):
        with torch.no_grad():
            columns = slice(6 * task, 6 * task + 6)
            one.embedding.table.copy_(both.embedding.table[:, columns])
            one.linear.weights.table.copy_(
                both.linear.weights.table[:, task : task + 1]
            )
            one.bias.copy_(both.bias[task : task + 1])

        torch.testing.assert_close(one(batch), both(batch)[:, task], rtol=0, atol=1e-10)


def test_one_field_is_logistic_regression(random_batch):
    schema = Schema((CategoricalField("site", num_features=3, value_type="string"),))
    model = randomise(FFM(schema))
    linear = LR(schema)
    linear.load_state_dict(model.state_dict())
    batch = random_batch(schema, 4)

    assert torch.equal(model(batch), linear(batch))
