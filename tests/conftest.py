"""Schemas and encoded rows that every room's tests may use."""

from dataclasses import replace

import pytest
import torch
from hypothesis import settings

from fieldwise.batch import Batch
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

# A busy machine is slow now and then; that is not a failure of the code under test.
settings.register_profile("fieldwise", deadline=None)
settings.load_profile("fieldwise")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """No test reads or writes the cache of the user."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIELDWISE_CACHE", str(tmp_path_factory.mktemp("own") / "cache"))
        yield


@pytest.fixture
def categorical_schema():
    """Three categorical fields with 5, 3 and 4 features, and one label."""
    return Schema(
        tuple(
            CategoricalField(name, num_features=size, value_type="string")
            for name, size in (("site", 5), ("device", 3), ("hour", 4))
        ),
        labels=(Label("click", kind="binary", positive=1),),
    )


@pytest.fixture
def frappe_schema():
    """Ten fields with 5,389 features in all, as many as the Frappe data set has."""
    sizes = [957, 4082, *[44] * 7, 42]
    fields = (
        CategoricalField(f"field{place}", num_features=size, value_type="int")
        for place, size in enumerate(sizes)
    )
    return Schema(tuple(fields), (Label("click", "binary", positive=1),))


@pytest.fixture
def mixed_schema():
    """Every kind of field and encoding, fitted, in an order that mixes them."""
    scaled = {"center": 0.0, "scale": 1.0, "low": -3.0, "high": 3.0}
    return Schema(
        (
            VectorField("text", vector_dim=3),
            CategoricalField("site", num_features=5, value_type="string"),
            NumericField("depth", "ple", edges=(-3.0, -0.5, 0.0, 1.0, 3.0), **scaled),
            SequenceField("history", num_features=6, value_type="int"),
            NumericField("age", "standard", **scaled),
            NumericField("price", "quantile", edges=(1.0, 2.0), num_features=4),
            NumericField("hour", "periodic", **scaled),
            NumericField("clicks", "ple", edges=(-3.0, 0.0, 3.0), **scaled),
            CategoricalField("device", num_features=3, value_type="int"),
            SequenceField("tags", num_features=4, value_type="string"),
            NumericField("constant", "ple", **scaled),
            NumericField("speed", "standard", **scaled),
            VectorField("image", vector_dim=2),
            NumericField("rank", "log_square", edges=(0.0, 4.0), num_features=3),
        ),
        labels=(Label("click", kind="binary", positive=1),),
    )


@pytest.fixture
def random_batch():
    """A function: schema and number of rows to a batch, the same for the same seed.

    The second row misses every number and vector, others miss some. Bags hold one to
    four items.
    """

    def make(schema, num_rows, seed=0):
        generator = torch.Generator().manual_seed(seed)
        sizes = zip(schema.table_offsets, schema.table_sizes, strict=True)
        columns, bags, lengths = [], [], []
        for position, (offset, size) in enumerate(sizes):
            if position < len(schema.index_fields):
                shape = (num_rows,)
                column = torch.randint(size, shape, generator=generator) + offset
                columns.append(column.int())
            else:
                counts = torch.randint(1, 5, (num_rows,), generator=generator)
                shape = (int(counts.sum()),)
                items = torch.randint(size, shape, generator=generator) + offset
                bags.append(items.int())
                lengths.append(counts)

        def numbers(width):
            values = torch.randn(num_rows, width, generator=generator)
            return values.clamp(-3, 3)

        missing = numbers(len(schema.number_fields)) > 1
        missing[1:2] = True
        vectors = [numbers(field.vector_dim or 0) for field in schema.vector_fields]
        for vector in vectors:
            vector[1:2] = torch.nan
        ends = torch.cat([torch.zeros(1, dtype=torch.int64), *lengths]).cumsum(0)
        empty = torch.empty(0, dtype=torch.int32)
        return Batch(
            indices=torch.stack(columns, dim=1)
            if columns
            else torch.empty(num_rows, 0, dtype=torch.int32),
            numbers=numbers(len(schema.number_fields)).masked_fill(missing, torch.nan),
            sequence_indices=torch.cat([empty, *bags]),
            sequence_offsets=ends.int(),
            vectors=tuple(vectors),
            labels=torch.randint(
                2, (num_rows, schema.num_tasks), generator=generator
            ).float(),
        )

    return make


@pytest.fixture
def take_rows():
    """A function: batch and row numbers to the batch of those rows, in that order."""

    def take(batch, rows):
        num_bags = len(batch.sequence_offsets) - 1
        num_sequences = num_bags // len(batch) if len(batch) else 0
        ends = batch.sequence_offsets.tolist()
        chosen = [
            batch.sequence_indices[ends[bag] : ends[bag + 1]]
            for sequence in range(num_sequences)
            for bag in (sequence * len(batch) + row for row in rows)
        ]
        lengths = torch.tensor([0, *map(len, chosen)])
        empty = torch.empty(0, dtype=torch.int32)
        where = torch.tensor(rows, dtype=torch.int64)
        return Batch(
            indices=batch.indices[where],
            numbers=batch.numbers[where],
            sequence_indices=torch.cat([empty, *chosen]),
            sequence_offsets=lengths.cumsum(0).int(),
            vectors=tuple(vector[where] for vector in batch.vectors),
            labels=None if batch.labels is None else batch.labels[where],
        )

    return take


@pytest.fixture
def mixed_batch(mixed_schema, random_batch):
    """Eight rows of ``mixed_schema``."""
    return random_batch(mixed_schema, 8)


@pytest.fixture
def categorical_batch(categorical_schema, random_batch):
    """Eight rows of ``categorical_schema``."""
    return random_batch(categorical_schema, 8)


@pytest.fixture
def to_double():
    """A function: batch to the same batch with 64-bit numbers and vectors."""

    def convert(batch):
        vectors = tuple(vector.double() for vector in batch.vectors)
        return replace(batch, numbers=batch.numbers.double(), vectors=vectors)

    return convert
