"""Gradients of each row's own loss, whatever the batch and the labels."""

import numpy as np
import pytest
import torch

from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.errors import DataError
from fieldwise.losses import binary_cross_entropy, squared_error
from fieldwise.models import build_model
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.sensitivity import embedding_gradients, mean_embeddings

CLICK, PRICE = Label("click", "binary", positive=1), Label("price", "real")
FIELDS = tuple(
    CategoricalField(name, num_features=size, value_type="int")
    for name, size in (("site", 6), ("hour", 4), ("same", 2))
)


def rows(labels=(CLICK,), *, num_rows=40, weight=None, seed=0):
    random = np.random.default_rng(seed)
    schema = Schema(FIELDS, labels, weight=weight)
    columns = [random.integers(0, 6, num_rows), random.integers(6, 10, num_rows)]
    columns.append(np.full(num_rows, 11))
    told = random.integers(0, 2, (len(labels), num_rows)).astype(float)
    if len(labels) > 1:
        told[1, ::3] = np.nan
    told = [*told, *([random.random(num_rows) + 0.5] if weight else [])]
    bits = np.array(told).astype(np.float32).view(np.int32)
    return Dataset(schema, np.column_stack([*columns, *bits]).astype(np.int32))


def model_of(dataset, name="deepfm", **arguments):
    torch.manual_seed(0)
    arguments = {"embedding_dim": 4, "hidden_dims": (8,)} | arguments
    model = build_model(name, dataset.schema, **arguments)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.5)
    return model.eval()


def gradients(model, dataset, batch_size):
    batches = Loader(dataset, batch_size=batch_size).epoch(0)
    found = list(embedding_gradients(model, dataset.schema, batches))
    return [
        torch.cat([part.gradients[place] for part in found])
        for place in range(len(found[0].fields))
    ]


@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_batch_of_any_size_has_the_same_gradients(batch_norm):
    dataset = rows()
    model = model_of(dataset, batch_norm=batch_norm)

    for one, many in zip(
        gradients(model, dataset, 1), gradients(model, dataset, 512), strict=True
    ):
        torch.testing.assert_close(one, many, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("labels", [(CLICK,), (PRICE,), (CLICK, PRICE)])
def test_equals_the_loss_of_the_trainer_on_each_row(labels):
    dataset = rows(labels, num_rows=7)
    model = model_of(dataset)
    found = gradients(model, dataset, 3)

    for row in range(7):
        batch = dataset.batch(np.array([row]))
        logits = model(batch).reshape(1, -1)
        losses = [
            (binary_cross_entropy if label.kind == "binary" else squared_error)(
                logits[:, task], batch.labels[:, task]
            )
            for task, label in enumerate(labels)
        ]
        table = model.embedding.table
        (expected,) = torch.autograd.grad(sum(losses) / len(labels), table)

        for place, index in enumerate(batch.indices[0]):
            torch.testing.assert_close(found[0][row, place], expected[index])


def test_a_field_that_is_embedded_twice_has_both_gradients():
    dataset = rows()
    model = model_of(dataset)
    batch = next(Loader(dataset, batch_size=40).epoch(0))

    (found,) = embedding_gradients(model, dataset.schema, [batch])
    slopes = found.along(found.embeddings, dataset.schema)

    assert list(found.fields) == [("site", "hour", "same")] * 2
    expected = sum(
        (gradient * embedding).sum(-1)
        for gradient, embedding in zip(found.gradients, found.embeddings, strict=True)
    )
    torch.testing.assert_close(slopes, expected)


def test_means_are_weighted_and_exact_where_nothing_varies():
    dataset = rows(weight="mass")
    model = model_of(dataset)

    means = mean_embeddings(
        model, dataset.schema, Loader(dataset, batch_size=7).epoch(0)
    )

    table = model.embedding.table.detach().double().numpy()
    embedded = table[dataset.batch(slice(None)).indices.numpy()]
    expected = np.average(embedded, axis=0, weights=dataset.weights)
    np.testing.assert_allclose(means[0].numpy(), expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(
        means[0][2], model.embedding.table[11].detach(), rtol=0, atol=0
    )


def test_the_model_is_left_as_it_was():
    dataset = rows()
    model = model_of(dataset).train()
    logits = model(dataset.batch(slice(None)))

    gradients(model, dataset, 16)

    assert model.training
    assert all(weight.grad is None for weight in model.parameters())
    assert not model.embedding._forward_hooks
    torch.testing.assert_close(model(dataset.batch(slice(None))), logits)


def test_rows_without_labels_are_refused():
    dataset = rows()
    matrix = np.ascontiguousarray(dataset.rows[:, :3])
    without = Dataset(dataset.schema, matrix, labelled=False)

    with pytest.raises(DataError, match="batches must have labels"):
        gradients(model_of(dataset), without, 8)


def test_a_model_without_field_embeddings_is_refused():
    dataset = rows()

    with pytest.raises(DataError, match="must embed fields by FieldEmbedding"):
        gradients(torch.nn.Identity(), dataset, 8)


def test_no_row_has_no_mean():
    dataset = rows()

    with pytest.raises(DataError, match="at least one row with a weight"):
        mean_embeddings(model_of(dataset), dataset.schema, [])
