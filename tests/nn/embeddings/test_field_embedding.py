"""FieldEmbedding against a loop over rows and fields."""

from dataclasses import replace

import pytest
import torch

from fieldwise.batch import Batch
from fieldwise.errors import SchemaError, ShapeError
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import (
    CategoricalField,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

ONE_KIND = {
    "categorical": CategoricalField("a", num_features=5, value_type="string"),
    "quantile": NumericField("a", encoding="quantile", num_features=4, edges=(0.0,)),
    "standard": NumericField("a", encoding="standard", center=0.0, scale=1.0),
    "ple": NumericField("a", center=0.0, scale=1.0, edges=(-1.0, 1.0)),
    "periodic": NumericField("a", encoding="periodic", center=0.0, scale=1.0),
    "sequence": SequenceField("a", num_features=6, value_type="int"),
    "vector": VectorField("a", vector_dim=3),
}


def randomise(module):
    torch.manual_seed(3)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    return module


def embed_number(embedding, schema, field, number):
    """One number alone, by the layer of its encoding."""
    group = [f for f in schema.number_fields if f.encoding == field.encoding]
    row = torch.zeros(1, len(group), dtype=torch.float64)
    row[0, group.index(field)] = number
    return embedding.numbers[field.encoding](row)[0, group.index(field)]


def embed_by_loop(embedding, schema, batch, row, field):
    """The vector of one field in one row."""
    if field in schema.index_fields:
        return embedding.table[batch.indices[row, schema.index_fields.index(field)]]
    if field in schema.number_fields:
        number = batch.numbers[row, schema.number_fields.index(field)]
        return embed_number(embedding, schema, field, number)
    if field in schema.vector_fields:
        place = schema.vector_fields.index(field)
        return embedding.vectors[place](batch.vectors[place][row : row + 1])[0]
    bag = schema.sequence_fields.index(field) * len(batch) + row
    start, end = batch.sequence_offsets[bag : bag + 2].tolist()
    total = torch.zeros(embedding.embedding_dim, dtype=torch.float64)
    for index in batch.sequence_indices[start:end].tolist():
        total = total + embedding.table[index]
    return total / (end - start)


def test_index_and_sequence_by_hand():
    schema = Schema(
        (
            SequenceField("tags", num_features=3, value_type="int"),
            CategoricalField("site", num_features=2, value_type="string"),
        )
    )
    embedding = FieldEmbedding(schema, embedding_dim=1)
    with torch.no_grad():
        # Rows 0 and 1 are the site's, rows 2 to 4 the tags'.
        embedding.table.copy_(torch.tensor([[10.0], [20.0], [1.0], [2.0], [6.0]]))
    batch = make_tags_batch()

    out = embedding(batch).squeeze(-1)

    # Row 0: tags (1 + 2) / 2, site 20. Row 1: tags (6 + 6 + 1 + 1) / 4, site 10.
    assert out.tolist() == [[1.5, 20.0], [3.5, 10.0]]


def make_tags_batch():
    return Batch(
        torch.tensor([[1], [0]], dtype=torch.int32),
        torch.empty(2, 0),
        torch.tensor([2, 3, 4, 4, 2, 2], dtype=torch.int32),
        torch.tensor([0, 2, 6], dtype=torch.int32),
    )


def test_equals_the_loop_over_rows_and_fields(mixed_schema, mixed_batch, to_double):
    embedding = randomise(FieldEmbedding(mixed_schema, embedding_dim=4).double())
    batch = to_double(mixed_batch)

    out = embedding(batch)

    expected = torch.stack(
        [
            torch.stack(
                [
                    embed_by_loop(embedding, mixed_schema, batch, row, field)
                    for field in mixed_schema
                ]
            )
            for row in range(len(batch))
        ]
    )
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-10)


def test_fields_come_in_the_order_of_the_schema(mixed_schema, mixed_batch):
    embedding = randomise(FieldEmbedding(mixed_schema, embedding_dim=4))
    table, numbers, vectors = embedding.table, embedding.numbers, embedding.vectors
    # Each of these reaches one field alone.
    owned = {
        "site": table[0:5],
        "price": table[5:9],
        "device": table[9:12],
        "rank": table[12:15],
        "history": table[15:21],
        "tags": table[21:25],
        "age": numbers["standard"].missing[0],
        "speed": numbers["standard"].missing[1],
        "depth": numbers["ple"].missing[0],
        "clicks": numbers["ple"].missing[1],
        "constant": numbers["ple"].missing[2],
        "hour": numbers["periodic"].missing[0],
        "text": vectors[0].missing,
        "image": vectors[1].missing,
    }

    reached = {}
    for name, part in owned.items():
        before = embedding(mixed_batch).detach()
        with torch.no_grad():
            part.add_(1.0)
        differs = (embedding(mixed_batch) != before).any(dim=2).any(dim=0)
        places = differs.nonzero().flatten().tolist()
        reached[name] = [mixed_schema.names[place] for place in places]

    assert reached == {name: [name] for name in mixed_schema.names}


@pytest.mark.parametrize("kind", ONE_KIND)
def test_schema_of_one_kind(kind, random_batch, to_double):
    schema = Schema((ONE_KIND[kind], replace(ONE_KIND[kind], name="b")))
    embedding = randomise(FieldEmbedding(schema, embedding_dim=2).double())
    batch = to_double(random_batch(schema, 6))

    out = embedding(batch)

    rows = range(len(batch))
    expected = [
        [embed_by_loop(embedding, schema, batch, row, field) for field in schema]
        for row in rows
    ]
    expected = torch.stack([torch.stack(row) for row in expected])
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-10)


def test_sparse_gradient_equals_the_dense_one(mixed_schema, mixed_batch):
    embedding = randomise(FieldEmbedding(mixed_schema, embedding_dim=4))
    weight = torch.randn(len(mixed_batch), len(mixed_schema), 4)

    gradients = []
    for embedding.sparse_gradients in (False, True):
        embedding.zero_grad()
        (embedding(mixed_batch) * weight).sum().backward()
        gradients.append(embedding.table.grad)

    dense, sparse = gradients
    assert not dense.is_sparse
    assert sparse.is_sparse
    torch.testing.assert_close(sparse.to_dense(), dense)


def test_a_table_nobody_reads_asks_for_no_gradient():
    schema = Schema((ONE_KIND["standard"],))

    assert not FieldEmbedding(schema, embedding_dim=2).table.requires_grad


def test_no_rows(mixed_schema, random_batch):
    embedding = FieldEmbedding(mixed_schema, embedding_dim=4)

    assert embedding(random_batch(mixed_schema, 0)).shape == (0, 14, 4)


def test_buffers_are_not_saved(mixed_schema):
    names = set(FieldEmbedding(mixed_schema, embedding_dim=4).state_dict())

    assert names == {
        name
        for name, _ in FieldEmbedding(mixed_schema, embedding_dim=4).named_parameters()
    }


def test_starts_small(categorical_schema):
    torch.manual_seed(0)
    embedding = FieldEmbedding(categorical_schema, embedding_dim=2000)

    assert embedding.table.std().item() == pytest.approx(1e-4, rel=0.05)


def test_unfitted_fields_are_named_together():
    schema = Schema(
        (CategoricalField("site"), ONE_KIND["standard"], NumericField("price"))
    )
    with pytest.raises(
        SchemaError, match=r"schema must be fitted, got fields \['site', 'price'\]"
    ):
        FieldEmbedding(schema, embedding_dim=2)


def test_length_must_be_positive(categorical_schema):
    with pytest.raises(ValueError, match=r"embedding_dim must be positive, got 0\."):
        FieldEmbedding(categorical_schema, embedding_dim=0)


@pytest.mark.parametrize("name", ["indices", "numbers"])
def test_wrong_batch_names_the_part(mixed_schema, mixed_batch, name):
    embedding = FieldEmbedding(mixed_schema, embedding_dim=2)
    narrow = getattr(mixed_batch, name)[:, :-1]
    batch = replace(mixed_batch, **{name: narrow})

    with pytest.raises(ShapeError, match=rf"batch\.{name} must have last dimension"):
        embedding(batch)


def test_wrong_number_of_vectors(mixed_schema, mixed_batch):
    batch = replace(mixed_batch, vectors=mixed_batch.vectors[:1])
    with pytest.raises(
        ShapeError, match=r"batch\.vectors must hold 2 tensors, got 1\."
    ):
        FieldEmbedding(mixed_schema, embedding_dim=2)(batch)


def test_bags_of_another_schema_do_not_pass_for_rows(random_batch):
    one = Schema((ONE_KIND["sequence"],))
    two = Schema((ONE_KIND["sequence"], replace(ONE_KIND["sequence"], name="b")))

    # The eight bags of one field are no four rows of two.
    with pytest.raises(
        ShapeError, match=r"batch\.sequence_offsets must have 17 entries, got 9\."
    ):
        FieldEmbedding(two, embedding_dim=2)(random_batch(one, 8))
