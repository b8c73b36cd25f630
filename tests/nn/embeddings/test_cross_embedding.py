"""CrossEmbedding: each pair of values meets its own row, or its pair's unknown one."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from fieldwise.errors import SchemaError, ShapeError
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.schema import CategoricalField, Schema
from fieldwise.training.parameter_groups import ParameterGroups

PAIRS = [("site", "device"), ("site", "hour"), ("device", "hour")]
KEYS = [[1, 5, 14], [0, 19], []]
"""Of 5 x 3, 5 x 4 and 3 x 4 pairs of values."""


def numbered(schema, pairs=PAIRS, keys=KEYS):
    """A layer whose rows hold their own number."""
    sizes = [len(own) + 1 for own in keys]
    layer = CrossEmbedding(schema, pairs=pairs, cross_sizes=sizes, embedding_dim=1)
    layer.fill_keys([torch.tensor(own, dtype=torch.int64) for own in keys])
    with torch.no_grad():
        layer.table.copy_(torch.arange(float(sum(sizes))).unsqueeze(1))
    return layer


def batch_of(random_batch, schema, values):
    """Rows with the given values, each counted from 0 in its own field."""
    indices = torch.tensor(values, dtype=torch.int32)
    indices += torch.tensor(schema.table_offsets, dtype=torch.int32)
    return replace(random_batch(schema, len(values)), indices=indices)


def test_rows_by_hand(categorical_schema, random_batch):
    layer = numbered(categorical_schema)
    batch = batch_of(
        random_batch, categorical_schema, [[0, 1, 0], [4, 2, 3], [1, 2, 3], [2, 0, 1]]
    )

    rows = layer(batch).squeeze(-1)

    # The first pair has rows 0 (unknown), 1 to 3; the second 4, 5, 6; the third 7.
    # Keys of the first: 0*3+1 = 1, 4*3+2 = 14, 1*3+2 = 5, 2*3+0 = 6 (unknown);
    # of the second: 0, 4*4+3 = 19, 1*4+3 and 2*4+1 (unknown).
    assert rows.tolist() == [[1, 5, 7], [3, 6, 7], [2, 4, 7], [0, 4, 7]]


def test_every_pair_of_values_equals_a_dictionary(categorical_schema, random_batch):
    layer = numbered(categorical_schema)
    known, start = {}, 0
    for number, keys in enumerate(KEYS):
        known |= {(number, key): start + 1 + place for place, key in enumerate(keys)}
        known[number, None] = start
        start += len(keys) + 1
    values = [[s, d, h] for s in range(5) for d in range(3) for h in range(4)]
    batch = batch_of(random_batch, categorical_schema, values)

    rows = layer(batch).squeeze(-1).tolist()

    for (s, d, h), found in zip(values, rows, strict=True):
        keys = (3 * s + d, 4 * s + h, 4 * d + h)
        assert found == [
            known.get((number, key), known[number, None])
            for number, key in enumerate(keys)
        ]
    # No two pairs of fields share a row.
    columns = [set(column) for column in zip(*rows, strict=True)]
    assert sum(map(len, columns)) == len(set.union(*columns)) == 4 + 3 + 1


def test_only_index_fields_of_a_mixed_schema(mixed_schema, mixed_batch):
    pairs = [("price", "rank"), ("site", "device")]
    sizes = mixed_schema.table_sizes
    # Every pair of values is known: 4 x 3 and 5 x 3.
    keys = [list(range(12)), list(range(15))]

    rows = numbered(mixed_schema, pairs, keys)(mixed_batch).squeeze(-1)

    offsets = torch.tensor(mixed_schema.table_offsets[:4])
    site, price, device, rank = (mixed_batch.indices - offsets).T
    assert sizes[:4] == (5, 4, 3, 3)
    assert torch.equal(rows[:, 0], (1 + price * 3 + rank).float())
    assert torch.equal(rows[:, 1], (14 + site * 3 + device).float())


def test_without_keys_everything_is_unknown(categorical_schema, categorical_batch):
    layer = CrossEmbedding(
        categorical_schema, pairs=PAIRS, cross_sizes=[4, 1, 2], embedding_dim=2
    )

    assert layer.rows_of(categorical_batch).unique().tolist() == [0, 4, 5]


def test_no_key_at_all(categorical_schema, categorical_batch):
    layer = numbered(categorical_schema, keys=[[], [], []])

    assert layer(categorical_batch)[3].flatten().tolist() == [0, 1, 2]


def test_keys_travel_with_the_weights(categorical_schema, categorical_batch):
    layer = numbered(categorical_schema)
    other = CrossEmbedding(
        categorical_schema, pairs=PAIRS, cross_sizes=[4, 3, 1], embedding_dim=1
    )

    other.load_state_dict(layer.state_dict())

    assert list(layer.state_dict()) == ["table", "keys"]
    assert torch.equal(other(categorical_batch), layer(categorical_batch))


def test_training_knows_its_table(categorical_schema, categorical_batch):
    layer = numbered(categorical_schema)

    groups = ParameterGroups.of(nn.ModuleList([layer]))

    assert isinstance(layer, TableLayer)
    assert groups.tables[0] is layer.table
    assert layer.fields == ("site x device", "site x hour", "device x hour")


@pytest.mark.parametrize("sparse", [False, True])
def test_gradient_reaches_the_rows_of_the_batch(
    categorical_schema, categorical_batch, sparse
):
    layer = numbered(categorical_schema)
    layer.sparse_gradients = sparse

    layer(categorical_batch).sum().backward()

    gradient = layer.table.grad.to_dense().flatten()
    rows = layer.rows_of(categorical_batch)
    assert torch.equal(gradient, torch.bincount(rows, minlength=8).float())
    assert layer.table.grad.is_sparse == sparse


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(categorical_schema, random_batch, num_rows):
    batch = random_batch(categorical_schema, num_rows)

    assert numbered(categorical_schema)(batch).shape == (num_rows, 3, 1)


def test_large_fields_need_64_bits(random_batch):
    schema = Schema(
        tuple(
            CategoricalField(name, num_features=10**9, value_type="int")
            for name in ("site", "device")
        )
    )
    key = 999_999_998 * 10**9 + 7
    layer = numbered(schema, [("site", "device")], [[key - 2**32, key]])
    values = [[999_999_998, 7], [999_999_998, 8]]

    rows = layer(batch_of(random_batch, schema, values))

    assert rows.flatten().tolist() == [2, 0]


def test_fields_too_large_for_64_bits():
    half = CategoricalField("site", num_features=2**31 - 1, value_type="int")
    fields = [replace(half, name=name, num_features=2**29) for name in "abc"]
    many = [replace(half, name=f"f{n}", num_features=2**24) for n in range(2)]
    schema = Schema((*fields, *many))
    pairs = [("a", "b"), ("a", "c"), ("b", "c")] * 11

    # 33 times 2**58 are more than 2**63.
    with pytest.raises(SchemaError, match="at most 9223372036854775807 pairs"):
        CrossEmbedding(schema, pairs=pairs, cross_sizes=[1] * 33, embedding_dim=1)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"embedding_dim": 0}, ValueError, "embedding_dim must be positive, got 0"),
        ({"pairs": [], "cross_sizes": []}, ValueError, "number of pairs must be"),
        ({"cross_sizes": [1]}, ValueError, r"one per pair \(3\), got 1"),
        ({"cross_sizes": [1, 0, 1]}, ValueError, "cross_sizes must be positive"),
        (
            {"pairs": [("site", "colour")], "cross_sizes": [1]},
            SchemaError,
            r"two of the index fields .* got \[\('site', 'colour'\)\]",
        ),
        (
            {"pairs": [("hour", "site")], "cross_sizes": [1]},
            SchemaError,
            "in their order",
        ),
    ],
    ids=str,
)
def test_settings_are_checked(categorical_schema, settings, error, message):
    given = {"pairs": PAIRS, "cross_sizes": [1, 1, 1], "embedding_dim": 2}
    with pytest.raises(error, match=message):
        CrossEmbedding(categorical_schema, **given | settings)


@pytest.mark.parametrize(
    ("keys", "error", "message"),
    [
        ([[1, 5], [0, 19], []], ShapeError, r"\[3, 2, 0\] per pair, got \[2, 2, 0\]"),
        ([[5, 1, 14], [0, 19], []], ValueError, "site x device must be in order"),
        ([[1, 1, 14], [0, 19], []], ValueError, "each once"),
        ([[1, 5, 15], [0, 19], []], ValueError, r"in \[0, 15\)"),
        ([[1, 5, 14], [-1, 19], []], ValueError, "site x hour must be"),
    ],
    ids=str,
)
def test_keys_are_checked(categorical_schema, keys, error, message):
    layer = numbered(categorical_schema)
    with pytest.raises(error, match=message):
        layer.fill_keys([torch.tensor(own, dtype=torch.int64) for own in keys])
