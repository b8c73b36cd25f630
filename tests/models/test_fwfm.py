"""FwFM against the double sum over pairs."""

from dataclasses import replace
from itertools import combinations

import torch

from fieldwise.models.fm import FM
from fieldwise.models.fwfm import FwFM
from fieldwise.schema import CategoricalField, Label, Schema
from tests.models.by_loop import inner, randomise


def test_two_fields_by_hand(random_batch):
    schema = Schema(
        tuple(
            CategoricalField(name, num_features=1, value_type="string")
            for name in ("site", "device")
        )
    )
    model = FwFM(schema, embedding_dim=2)
    with torch.no_grad():
        model.embedding.table.copy_(torch.tensor([[1.0, 2.0], [3.0, -4.0]]))
        model.linear.table.copy_(torch.tensor([[0.5, 0.0], [1.0, 1.0]]))
        model.pairs.weight.fill_(2.0)
        model.bias.fill_(10.0)

    # bias 10; linear 1 * .5 and 3 - 4; the pair 2 (1 * 3 - 2 * 4)
    assert model(random_batch(schema, 1)).tolist() == [10.0 + 0.5 - 1.0 - 10.0]


def test_equals_the_double_loop(mixed_schema, mixed_batch, to_double):
    model = randomise(FwFM(mixed_schema, embedding_dim=3).double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    rows, linear = model.embedding(batch).tolist(), model.linear(batch).tolist()
    strengths = model.pairs.strengths[0].tolist()
    expected = [
        model.bias.item()
        + sum(inner(v, u) for v, u in zip(row, vectors, strict=True))
        + sum(
            strengths[i][j] * inner(row[i], row[j])
            for i, j in combinations(range(len(row)), 2)
        )
        for row, vectors in zip(rows, linear, strict=True)
    ]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_of_equal_strengths_it_is_fm(mixed_schema, mixed_batch, to_double):
    batch = to_double(mixed_batch)
    model = randomise(FwFM(mixed_schema, embedding_dim=3).double())
    machine = FM(mixed_schema, embedding_dim=3).double()
    machine.embedding.load_state_dict(model.embedding.state_dict())
    with torch.no_grad():
        machine.bias.copy_(model.bias)
        model.pairs.weight.fill_(1.0)
        for part in (*model.linear.parameters(), *machine.linear.parameters()):
            part.zero_()

    torch.testing.assert_close(model(batch), machine(batch), rtol=0, atol=1e-10)


def test_labels_share_the_embeddings_only(
    categorical_schema, categorical_batch, to_double
):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    both = randomise(FwFM(schema, embedding_dim=3).double())
    one = FwFM(categorical_schema, embedding_dim=3).double()
    one.embedding.load_state_dict(both.embedding.state_dict())
    batch = to_double(categorical_batch)

    for task in (0, 1):
        with torch.no_grad():
            one.linear.table.copy_(both.linear.table[:, 3 * task : 3 * task + 3])
            one.pairs.weight.copy_(both.pairs.weight[task : task + 1])
            one.bias.copy_(both.bias[task : task + 1])

        torch.testing.assert_close(one(batch), both(batch)[:, task], rtol=0, atol=1e-10)


def test_logits_are_not_rounded_under_autocast(categorical_schema, categorical_batch):
    model = randomise(FwFM(categorical_schema))

    with torch.autocast("cpu", torch.bfloat16):
        logits = model(categorical_batch)

    assert torch.equal(logits, model(categorical_batch))


def test_one_field_is_linear(random_batch):
    schema = Schema((CategoricalField("site", num_features=3, value_type="string"),))
    model = randomise(FwFM(schema, embedding_dim=2))
    batch = random_batch(schema, 4)

    expected = (model.embedding(batch) * model.linear(batch)).sum(dim=(1, 2))

    torch.testing.assert_close(model(batch), expected + model.bias)
