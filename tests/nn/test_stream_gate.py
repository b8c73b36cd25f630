"""Gates of a stream: by hand, with and without a context."""

import pytest
import torch
from torch import nn

from fieldwise.errors import SchemaError, ShapeError
from fieldwise.nn.stream_gate import StreamGate


def make_gate(schema, fields=(), *, hidden_dims=(3,), out_features=5, seed=0):
    torch.manual_seed(seed)
    gate = StreamGate(
        schema,
        fields,
        embedding_dim=2,
        hidden_dims=hidden_dims,
        out_features=out_features,
    )
    for parameter in gate.parameters():
        nn.init.normal_(parameter)
    return gate


def test_one_entry_by_hand(categorical_schema, categorical_batch):
    gate = make_gate(categorical_schema, hidden_dims=(1,), out_features=1)
    with torch.no_grad():
        gate.context.copy_(torch.tensor([2.0, 1.0]))
        gate.hidden.layers[0].weight.copy_(torch.tensor([[1.0, -1.0]]))
        gate.hidden.layers[0].bias.fill_(0.5)
        gate.linear.weight.fill_(2.0)
        gate.linear.bias.fill_(-3.0)

    out = gate(torch.full((8, 1), 7.0), categorical_batch)

    # 2 relu(2 - 1 + .5) - 3 = 0, of which the sigmoid is a half: 7 * 2 * 1/2
    assert out.tolist() == [[7.0]] * 8


@pytest.mark.parametrize("fields", [(), ("device",), ("hour", "site")])
def test_starts_with_embeddings_as_they_are(
    categorical_schema, categorical_batch, fields
):
    gate = make_gate(categorical_schema, fields)
    nn.init.zeros_(gate.linear.weight)
    nn.init.zeros_(gate.linear.bias)
    x = torch.randn(8, 5)

    assert torch.equal(gate(x, categorical_batch), x)


def test_a_fresh_gate_without_context_changes_nothing(
    categorical_schema, categorical_batch
):
    gate = StreamGate(
        categorical_schema, (), embedding_dim=2, hidden_dims=(3,), out_features=5
    )
    x = torch.randn(8, 5)

    assert torch.equal(gate(x, categorical_batch), x)


def test_without_context_there_is_one_gate_for_all_rows(
    categorical_schema, categorical_batch
):
    gate = make_gate(categorical_schema)
    x = torch.randn(8, 5)

    shares = gate.gate(categorical_batch)

    assert shares.shape == (1, 5)
    assert ((shares > 0) & (shares < 1)).all()
    torch.testing.assert_close(gate(x, categorical_batch), x * 2 * shares)


def test_without_context_it_folds_into_the_next_layer(
    categorical_schema, categorical_batch
):
    gate = make_gate(categorical_schema)
    linear, folded = nn.Linear(5, 3), nn.Linear(5, 3)
    folded.load_state_dict(linear.state_dict())
    with torch.no_grad():
        folded.weight.mul_(2 * gate.gate(categorical_batch))
    x = torch.randn(8, 5)

    torch.testing.assert_close(folded(x), linear(gate(x, categorical_batch)))


def test_the_context_decides_alone(categorical_schema, categorical_batch):
    gate = make_gate(categorical_schema, ["device"], hidden_dims=(16,))

    shares = gate.gate(categorical_batch)

    devices = categorical_batch.indices[:, 1] - categorical_schema.table_offsets[1]
    assert shares.shape == (8, 5)
    assert gate.embedding.table.shape == (3, 2)
    for device in devices.unique():
        alike = shares[devices == device]
        torch.testing.assert_close(alike, alike[:1].expand_as(alike))
    assert len(devices.unique()) == len(shares.unique(dim=0)) > 1


def test_equals_the_loop(categorical_schema, categorical_batch):
    gate = make_gate(categorical_schema, ["site", "hour"]).double()
    x = torch.randn(8, 5, dtype=torch.float64)

    out = gate(x, categorical_batch)

    # Rows of the context's table: five sites, then four hours.
    first, last = gate.hidden.layers[0], gate.linear
    for row, (site, _, hour) in enumerate(categorical_batch.indices.tolist()):
        table = gate.embedding.table
        context = torch.cat([table[site], table[5 + hour - 8]])
        hidden = (first.weight @ context + first.bias).clamp(min=0)
        expected = 2 * x[row] / (1 + torch.exp(-(last.weight @ hidden + last.bias)))
        torch.testing.assert_close(out[row], expected, rtol=1e-10, atol=1e-10)


def test_hidden_layers_may_be_left_out(categorical_schema, categorical_batch):
    gate = make_gate(categorical_schema, ["site"], hidden_dims=())

    gate(torch.randn(8, 5), categorical_batch).sum().backward()

    assert [p.shape for p in gate.parameters()] == [(5, 2), (5, 2), (5,)]
    assert all(p.grad.any() for p in gate.parameters())


@pytest.mark.parametrize("fields", [(), ("site",)])
@pytest.mark.parametrize("num_rows", [0, 1])
def test_any_batch_size(categorical_schema, random_batch, fields, num_rows):
    gate = make_gate(categorical_schema, fields)
    batch = random_batch(categorical_schema, num_rows)

    assert gate(torch.zeros(num_rows, 5), batch).shape == (num_rows, 5)


def test_wrong_width_names_the_argument(categorical_schema, categorical_batch):
    gate = make_gate(categorical_schema)
    with pytest.raises(ShapeError, match=r"x must have last dimension 5, got \(8, 4\)"):
        gate(torch.zeros(8, 4), categorical_batch)


def test_context_must_be_fields(categorical_schema):
    with pytest.raises(SchemaError, match=r"must be fields .*, got \['user'\]"):
        make_gate(categorical_schema, ["user"])


@pytest.mark.parametrize("size", ["embedding_dim", "out_features"])
def test_sizes_are_checked(categorical_schema, size):
    sizes = {"embedding_dim": 2, "out_features": 5} | {size: 0}
    with pytest.raises(ValueError, match=f"{size} must be positive, got 0"):
        StreamGate(categorical_schema, (), hidden_dims=(3,), **sizes)
