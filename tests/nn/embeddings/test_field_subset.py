"""Some fields of a schema, from a table of their own."""

from dataclasses import replace

import pytest
import torch

from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.field_subset import FieldSubset

KEPT = ("device", "site", "age", "image", "price")


def test_indices_move_to_the_smaller_table_by_hand(categorical_schema, random_batch):
    subset = FieldSubset(categorical_schema, ["hour", "device"])
    batch = replace(
        random_batch(categorical_schema, 1),
        # site 4, device 2 (rows 5 to 7), hour 0 (rows 8 to 11)
        indices=torch.tensor([[4, 7, 8]], dtype=torch.int32),
    )

    kept = subset(batch)

    # device has rows 0 to 2 now, hour rows 3 to 6
    assert subset.schema.names == ("device", "hour")
    assert kept.indices.tolist() == [[2, 3]]
    assert kept.indices.dtype == torch.int32


def test_every_kind_equals_the_columns_of_the_whole(mixed_schema, mixed_batch):
    subset = FieldSubset(mixed_schema, KEPT)

    kept = subset(mixed_batch)

    schema = subset.schema
    assert schema.names == tuple(n for n in mixed_schema.names if n in KEPT)
    whole = {f.name: i for i, f in enumerate(mixed_schema.index_fields)}
    for place, field in enumerate(schema.index_fields):
        before = mixed_batch.indices[:, whole[field.name]]
        before = before - mixed_schema.table_offsets[whole[field.name]]
        after = kept.indices[:, place] - schema.table_offsets[place]
        assert torch.equal(before, after)
    numbers = [f.name for f in mixed_schema.number_fields]
    column = mixed_batch.numbers[:, [numbers.index("age")]]
    torch.testing.assert_close(kept.numbers, column, equal_nan=True)
    torch.testing.assert_close(kept.vectors[0], mixed_batch.vectors[1], equal_nan=True)
    assert len(kept.sequence_indices) == 0
    assert kept.sequence_offsets.tolist() == [0]
    assert kept.labels is None


def test_embedding_of_some_fields_reads_only_them(mixed_schema, mixed_batch, take_rows):
    torch.manual_seed(0)
    embedding = FieldEmbedding(mixed_schema, embedding_dim=3, fields=KEPT)

    out = embedding(mixed_batch)

    assert out.shape == (8, 5, 3)
    assert embedding.fields == embedding.schema.names
    # site has 5 rows, price 4, device 3
    assert embedding.table.shape == (12, 3)
    other = replace(mixed_batch, sequence_indices=mixed_batch.sequence_indices.flip(0))
    assert torch.equal(embedding(other), out)
    assert embedding.rows_of(mixed_batch).max() < 12
    empty = take_rows(mixed_batch, [])
    assert embedding(empty).shape == (0, 5, 3)


def test_rows_of_the_whole_holds_every_row_looked_up(mixed_schema, mixed_batch):
    embedding = FieldEmbedding(mixed_schema, embedding_dim=2)

    embedding(mixed_batch).sum().backward()

    touched = embedding.table.grad.any(dim=1).nonzero().flatten()
    assert set(touched.tolist()) == set(embedding.rows_of(mixed_batch).tolist())


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["sites"], r"names must be fields .*, got \['sites'\]\."),
        (["site", "site"], r"must be different fields, got \['site', 'site'\]"),
        ([], r"must be different fields, got \[\]"),
        (["tags"], r"must not be sequence fields, got \['tags'\]"),
    ],
)
def test_names_are_checked(mixed_schema, names, message):
    with pytest.raises(SchemaError, match=message):
        FieldSubset(mixed_schema, names)
