"""The gate of OptFS: one at the start, a step at the end."""

import math
from itertools import pairwise

import pytest
import torch

from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.gates.value_gate import FIRST_GATE, ValueGate, continued
from fieldwise.schema import NumericField, Schema


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def embedded_by(schema, seed=0):
    torch.manual_seed(seed)
    embedding = FieldEmbedding(schema, embedding_dim=3)
    torch.nn.init.normal_(embedding.table)
    gate = ValueGate(schema)
    torch.nn.init.normal_(gate.logits)
    return embedding, gate


def test_gates_by_hand():
    gate = ValueGate(Schema((BUCKETS,)))
    with torch.no_grad():
        gate.logits.copy_(torch.tensor([0.5, 0.0, -1.0]))
    gate.temperature.fill_(2.0)

    # The sigmoids of 1, 0 and -2, by that of 0.5.
    expected = torch.tensor([1.174468, 0.803265, 0.191503])
    torch.testing.assert_close(gate.gates(), expected, rtol=1e-5, atol=1e-5)
    assert pytest.approx(0.6224593) == FIRST_GATE


def test_at_the_start_nothing_changes(mixed_schema, mixed_batch):
    embedding = FieldEmbedding(mixed_schema, embedding_dim=3)
    gate = ValueGate(mixed_schema)
    embedded = embedding(mixed_batch)

    gated = gate(embedded, mixed_batch, embedding)

    indices = [mixed_schema.names.index(f.name) for f in mixed_schema.index_fields]
    assert torch.equal(gated[:, indices], embedded[:, indices])
    torch.testing.assert_close(gated, embedded)


def test_against_a_plain_loop(mixed_schema, mixed_batch):
    embedding, gate = embedded_by(mixed_schema)
    gate.temperature.fill_(3.0)
    embedded = embedding(mixed_batch)

    gated = gate(embedded, mixed_batch, embedding)

    gates = [sigmoid(3 * c) / sigmoid(0.5) for c in gate.logits.tolist()]
    table, batch = embedding.table, mixed_batch
    expected = embedded.clone()
    for row in range(len(batch)):
        for column, field in enumerate(mixed_schema.index_fields):
            index = int(batch.indices[row, column])
            place = mixed_schema.names.index(field.name)
            expected[row, place] = table[index] * gates[index]
        for number, field in enumerate(mixed_schema.sequence_fields):
            bag = number * len(batch) + row
            start, end = batch.sequence_offsets[bag : bag + 2].tolist()
            items = batch.sequence_indices[start:end].tolist()
            vectors = [table[item] * gates[item] for item in items]
            place = mixed_schema.names.index(field.name)
            expected[row, place] = torch.stack(vectors).mean(dim=0)
    torch.testing.assert_close(gated, expected)


def test_every_gate_of_the_batch_has_a_gradient(mixed_schema, mixed_batch):
    embedding, gate = embedded_by(mixed_schema)
    embedding.sparse_gradients = True

    gate(embedding(mixed_batch), mixed_batch, embedding).square().sum().backward()

    met = torch.zeros(mixed_schema.num_features, dtype=torch.bool)
    met[embedding.rows_of(mixed_batch).long()] = True
    assert torch.equal(gate.logits.grad != 0, met)


def test_a_hot_gate_is_a_step(categorical_schema):
    gate = ValueGate(categorical_schema)
    torch.nn.init.normal_(gate.logits)
    gate.temperature.fill_(1000.0)

    soft = gate.gates().detach() * FIRST_GATE
    far = gate.logits.abs() > 7 / 1000
    hard = (gate.logits > 0).float()

    assert float((soft - hard)[far].abs().max()) < 1e-3


def test_penalty_is_the_gradient_of_the_mean_gate(categorical_schema):
    gate = ValueGate(categorical_schema).double()
    torch.nn.init.normal_(gate.logits)
    gate.temperature.fill_(4.0)

    (gate.gates() * FIRST_GATE).mean().backward()

    torch.testing.assert_close(gate.penalty_gradient(), gate.logits.grad)


def test_temperatures():
    seen = [continued(epoch, num_epochs=5, last=100.0) for epoch in range(5)]

    assert seen[0] == 1.0
    assert seen[-1] == pytest.approx(100.0)
    # The fourth root of 100, four times.
    factors = [b / a for a, b in pairwise(seen)]
    assert factors == [pytest.approx(3.16228, rel=1e-5)] * 4


def test_what_is_refused():
    with pytest.raises(ValueError, match="num_epochs must be 2 at least, got 1"):
        continued(0, num_epochs=1, last=10.0)
    with pytest.raises(ValueError, match="last must be positive"):
        continued(0, num_epochs=3, last=0.0)
    price = NumericField("price", "standard", center=0.0, scale=1.0)
    with pytest.raises(SchemaError, match=r"must have categorical.*\['price'\]"):
        ValueGate(Schema((price,)))


BUCKETS = NumericField("depth", "quantile", edges=(1.0,), num_features=3)
