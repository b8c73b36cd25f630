"""Both halves of a model are the model; what is replaced is replaced exactly."""

from dataclasses import replace
from threading import Thread

import pytest
import torch

from fieldwise.batch import Batch
from fieldwise.errors import DataError, SchemaError
from fieldwise.models import MODELS
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.schema import Label, Schema
from fieldwise.sensitivity.split_model import Embedded, SplitModel
from tests.contracts.small_models import make_model


def with_crosses(model, schema):
    """Give memorised pairs keys, so that most look-ups meet a row of their own."""
    sizes = schema.table_sizes
    for layer in model.modules():
        if isinstance(layer, CrossEmbedding):
            places = [
                [field.name for field in schema.index_fields].index(name)
                for pair in layer.pairs
                for name in pair
            ]
            pairs = zip(places[::2], places[1::2], layer.cross_sizes, strict=True)
            layer.fill_keys(
                [torch.arange(size - 1) % (sizes[i] * sizes[j]) for i, j, size in pairs]
            )
    return model


def randomised(name, schema, **settings):
    model = make_model(name, schema, **settings)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.4)
    return model.eval()


def memorising(schema):
    names = [field.name for field in schema.index_fields]
    num_pairs = len(names) * (len(names) - 1) // 2
    model = randomised(
        "optinter",
        schema,
        choices=["memorize"] * num_pairs,
        cross_sizes=[4] * num_pairs,
    )
    return with_crosses(model, schema)


@pytest.mark.parametrize("name", MODELS)
def test_both_halves_are_the_model_bit_for_bit(name, mixed_schema, mixed_batch):
    model = randomised(name, mixed_schema, batch_norm=True)
    split = SplitModel(model, mixed_schema)

    logits = split.forward_from_embeddings(split.embed(mixed_batch), mixed_batch)

    assert torch.equal(logits, model(mixed_batch))
    # No system reads anything of a batch but what it embeds.
    assert torch.equal(split.forward_from_embeddings(split.embed(mixed_batch)), logits)


@pytest.mark.parametrize("name", MODELS)
def test_replaced_fields_are_those_of_another_row(name, categorical_schema):
    schema = categorical_schema
    model, random_rows = randomised(name, schema), torch.Generator().manual_seed(0)
    offsets, sizes = schema.table_offsets, schema.table_sizes

    def rows():
        columns = [
            torch.randint(size, (6,), generator=random_rows) + offset
            for size, offset in zip(sizes, offsets, strict=True)
        ]
        return torch.stack(columns, dim=1).int()

    one, other = rows(), rows()
    split = SplitModel(model, schema)
    is_other = torch.rand(6, 3, generator=random_rows) < 0.5
    batches = [batch_of(indices) for indices in (one, other)]

    mixed = split.mix(*map(split.embed, batches), is_other)

    whole = batch_of(torch.where(is_other, other, one))
    assert torch.equal(split.forward_from_embeddings(mixed), model(whole))


def batch_of(indices):
    empty = torch.empty(0, dtype=torch.int32)
    return Batch(indices, torch.empty(len(indices), 0), empty, torch.zeros(1).int())


def test_memorised_pairs_are_looked_up_again(mixed_schema, mixed_batch, random_batch):
    schema = mixed_schema
    model = memorising(schema)
    split = SplitModel(model, schema)
    other = random_batch(schema, 8, 1)
    place = schema.names.index("site")
    is_other = torch.zeros(8, len(schema), dtype=torch.bool)
    is_other[:, place] = True

    mixed = split.mix(split.embed(mixed_batch), split.embed(other), is_other)

    column = [field.name for field in schema.index_fields].index("site")
    indices = mixed_batch.indices.clone()
    indices[:, column] = other.indices[:, column]
    expected = model(replace(mixed_batch, indices=indices))
    assert torch.equal(split.forward_from_embeddings(mixed), expected)
    assert ("site", "price") in split.entries[1]


def test_a_pair_goes_half_to_each_field(mixed_schema, mixed_batch):
    schema = mixed_schema
    split = SplitModel(memorising(schema), schema)
    amounts = [torch.zeros(len(part)) for part in split.entries]
    amounts[1][split.entries[1].index(("site", "device"))] = 3.0
    amounts[0][0] = 1.0

    sums = dict(zip(schema.names, split.by_field(amounts).tolist(), strict=True))

    expected = dict.fromkeys(schema.names, 0.0)
    assert sums == expected | {"text": 1.0, "site": 1.5, "device": 1.5}


def test_values_of_earlier_rows_are_repeated(mixed_schema, random_batch):
    split = SplitModel(randomised("dnn", mixed_schema), mixed_schema)
    rows = split.embed(random_batch(mixed_schema, 30))

    found = split.repeats(rows)

    places = [mixed_schema.names.index(f.name) for f in mixed_schema.index_fields]
    for column, place in enumerate(places):
        values = rows.indices[:, column].tolist()
        expected = [value in values[:row] for row, value in enumerate(values)]
        assert found[:, place].tolist() == expected
    others = [place for place in range(len(mixed_schema)) if place not in places]
    assert found.any()
    assert not found[:, others].any()


def test_a_pair_is_scaled_by_both_fields(mixed_schema, mixed_batch):
    schema = mixed_schema
    split = SplitModel(memorising(schema), schema)
    rows = split.embed(mixed_batch)
    factors = torch.arange(1.0, len(schema) + 1)

    scaled = split.scale(rows, factors)

    torch.testing.assert_close(scaled.parts[0], rows.parts[0] * factors[None, :, None])
    place = split.entries[1].index(("site", "device"))
    both = factors[schema.names.index("site")] * factors[schema.names.index("device")]
    torch.testing.assert_close(
        scaled.parts[1][:, place], rows.parts[1][:, place] * both
    )


def test_the_model_is_never_touched(mixed_schema, mixed_batch):
    model = randomised("deepfm", mixed_schema).train()
    split = SplitModel(model, mixed_schema)
    rows = split.embed(mixed_batch)
    zeros = Embedded(tuple(torch.zeros_like(part) for part in rows.parts), rows.indices)
    split.forward_from_embeddings(zeros)

    assert all(module.training for module in model.modules())
    expected = split.forward_from_embeddings(rows)
    assert torch.equal(model.eval()(mixed_batch), expected)
    # Weights are common: what is trained on is seen.
    with torch.no_grad():
        model.linear.weights.table.add_(1.0)
    assert torch.equal(
        split.forward_from_embeddings(split.embed(mixed_batch)), model(mixed_batch)
    )


def test_threads_may_share_a_split_model(mixed_schema, mixed_batch, take_rows):
    split = SplitModel(randomised("dnn", mixed_schema), mixed_schema)
    batches = [take_rows(mixed_batch, [row]) for row in range(8)]
    expected = [split.forward_from_embeddings(split.embed(b)) for b in batches]
    wrong = []

    def work(place):
        for _ in range(20):
            logits = split.forward_from_embeddings(split.embed(batches[place]))
            if not torch.equal(logits, expected[place]):
                wrong.append(place)

    threads = [Thread(target=work, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_several_tasks_and_no_rows(mixed_schema, random_batch):
    labels = (*mixed_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(mixed_schema, labels=labels)
    model = randomised("dcnv2", schema)
    split = SplitModel(model, schema)

    for num_rows in (0, 3):
        batch = random_batch(schema, num_rows)
        logits = split.forward_from_embeddings(split.embed(batch))
        assert torch.equal(logits, model(batch))


def test_what_cannot_be_split_is_refused(categorical_schema):
    with pytest.raises(DataError, match="must embed fields by FieldEmbedding"):
        SplitModel(torch.nn.Identity(), categorical_schema)
    model = make_model("dnn", categorical_schema)
    with pytest.raises(SchemaError, match=r"none of \['device', 'hour'\]"):
        SplitModel(model, Schema(categorical_schema.fields[:1]))
