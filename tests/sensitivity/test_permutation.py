"""Permutation: planted fields rank first, whatever their kind."""

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.errors import DataError, SchemaError
from fieldwise.metrics import auc
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.sensitivity.permutation import permute_fields

FIELDS = (
    VectorField("text", vector_dim=2),
    CategoricalField("site", num_features=4, value_type="int"),
    SequenceField("tags", num_features=5, value_type="int"),
    NumericField("age", "standard", center=0.0, scale=1.0, low=-9.0, high=9.0),
    SequenceField("seen", num_features=6, value_type="int"),
    CategoricalField("hour", num_features=3, value_type="int"),
)
NAMES = tuple(field.name for field in FIELDS)
CLICK = Label("click", "binary", positive=1)


class Reads(nn.Module):
    """Its logit is a sum over one field."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, batch):
        num_rows = len(batch)
        if self.name in ("tags", "seen"):
            place = ("tags", "seen").index(self.name)
            starts = batch.sequence_offsets[place * num_rows :][: num_rows + 1].long()
            sums = torch.cat([torch.zeros(1), batch.sequence_indices.cumsum(0).float()])
            return sums[starts].diff()
        if self.name == "text":
            return batch.vectors[0].sum(1)
        if self.name == "age":
            return batch.numbers[:, 0]
        return batch.indices[:, ("site", "hour").index(self.name)].float()


def make_rows(num_rows=400, labels=(CLICK,), **roles):
    random = np.random.default_rng(0)
    schema = Schema(FIELDS, labels, **roles)
    offsets = dict(
        zip(("site", "hour", "tags", "seen"), schema.table_offsets, strict=True)
    )
    bags = []
    for name, size in (("tags", 5), ("seen", 6)):
        lengths = random.integers(1, 4, num_rows)
        values = random.integers(0, size, lengths.sum()) + offsets[name]
        starts = np.concatenate([[0], lengths.cumsum()])
        bags.append(Ragged(values.astype(np.int32), starts))
    indices = [
        random.integers(0, size, num_rows) + offsets[name]
        for name, size in (("site", 4), ("hour", 3))
    ]
    numbers = random.normal(size=(num_rows, 3)).astype(np.float32)
    columns = [*indices, *numbers.view(np.int32).T]
    width = len(labels) + ("weight" in roles)
    told = random.integers(0, 2, (num_rows, width)).astype(np.float32)
    if "weight" in roles:
        told[:, -1] += 0.5
    matrix = np.column_stack([*columns, *told.view(np.int32).T]).astype(np.int32)
    return Dataset(schema, matrix, bags)


def with_labels(rows, labels):
    matrix = np.array(rows.rows)
    matrix[:, rows.layout.labels] = labels.astype(np.float32).view(np.int32)[:, None]
    return Dataset(rows.schema, matrix, rows.sequences)


def logits_of(model, rows):
    return model(rows.batch(slice(None))).double().numpy()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("metric", ["auc", "loss"])
def test_only_the_field_that_is_read_matters(name, metric):
    model = Reads(name)
    rows = make_rows()
    logits = logits_of(model, rows)
    rows = with_labels(rows, logits > np.median(logits))

    found = permute_fields(model, rows, metric=metric, batch_size=150)

    assert found.unit == "field"
    assert found.names == NAMES
    others = [
        score for score, other in zip(found.scores, NAMES, strict=True) if other != name
    ]
    assert others == [0.0] * 5
    assert found.scores[NAMES.index(name)] > 0.1
    assert found.details["deviation"][NAMES.index(name)] > 0


def test_equals_a_permuted_column():
    rows = make_rows()
    model = Reads("site")

    found = permute_fields(model, rows, num_repeats=1, seed=3, batch_size=33)

    order = np.random.default_rng([3, 1, 0]).permutation(len(rows))
    matrix = np.array(rows.rows)
    matrix[:, 0] = matrix[order, 0]
    permuted = Dataset(rows.schema, matrix, rows.sequences)
    labels = rows.labels[:, 0].astype(float)
    lost = auc(labels, logits_of(model, rows)) - auc(labels, logits_of(model, permuted))
    assert found.scores[1] == pytest.approx(lost)


@pytest.mark.parametrize("place", [0, 1])
def test_equals_permuted_sequences(place):
    rows = make_rows(20)
    name = ("tags", "seen")[place]

    found = permute_fields(
        Reads(name), rows, fields=[name], num_repeats=1, batch_size=7
    )

    order = np.random.default_rng([0, NAMES.index(name), 0]).permutation(20)
    values, lengths = rows.sequences[place].take(order)
    sequences = list(rows.sequences)
    sequences[place] = Ragged(values, np.concatenate([[0], lengths.cumsum()]))
    permuted = Dataset(rows.schema, np.array(rows.rows), sequences)
    labels = rows.labels[:, 0].astype(float)
    worths = [auc(labels, logits_of(Reads(name), r)) for r in (rows, permuted)]
    assert found.scores.tolist() == [pytest.approx(worths[0] - worths[1])]


def test_a_field_is_permuted_alike_alone_and_among_others():
    rows = make_rows()
    model = Reads("age")

    every = permute_fields(model, rows, seed=1)
    alone = permute_fields(model, rows, seed=1, fields=["hour", "age"])
    other = permute_fields(model, rows, seed=2, fields=["age"])

    assert alone.names == ("age", "hour")
    assert alone.scores[0] == every.scores[3]
    assert other.scores[0] != every.scores[3]
    assert (every.seed, every.method) == (1, "permutation")
    assert every.data_fingerprint == rows.checksum()


def test_several_labels_count_alike_and_unobserved_ones_not():
    rows = make_rows(labels=(CLICK, Label("sale", "binary", positive=1)))
    matrix = np.array(rows.rows)
    column = rows.layout.labels.start + 1
    matrix[100:, column] = np.float32(np.nan).view(np.int32)
    rows = Dataset(rows.schema, matrix, rows.sequences)

    class Both(nn.Module):
        def forward(self, batch):
            return torch.stack([batch.numbers[:, 0], batch.indices[:, 0].float()], 1)

    found = permute_fields(Both(), rows, fields=["age"], num_repeats=1)

    order = np.random.default_rng([0, 3, 0]).permutation(len(rows))
    ages = rows.batch(slice(None)).numbers[:, 0].numpy()
    clicks = rows.labels[:, 0].astype(float)
    # Of two labels only the first one depends on the age.
    lost = (auc(clicks, ages) - auc(clicks, ages[order])) / 2
    assert found.scores[0] == pytest.approx(lost)


def test_weights_count():
    rows = make_rows(weight="weight")
    labels, weights = rows.labels[:, 0].astype(float), rows.weights

    found = permute_fields(Reads("age"), rows, fields=["age"], num_repeats=1)

    order = np.random.default_rng([0, 3, 0]).permutation(len(rows))
    ages = rows.batch(slice(None)).numbers[:, 0].numpy()
    base = auc(labels, ages, weights=weights)
    assert found.scores[0] == pytest.approx(
        base - auc(labels, ages[order], weights=weights)
    )


def test_real_labels_have_a_squared_error():
    real = Label("rating", "real", center=0.0, scale=1.0)
    rows = make_rows(labels=(real,))
    ages = rows.batch(slice(None)).numbers[:, 0].numpy()
    rows = with_labels(rows, ages)

    found = permute_fields(
        Reads("age"), rows, metric="loss", fields=["age"], num_repeats=1
    )

    order = np.random.default_rng([0, 3, 0]).permutation(len(rows))
    # Without permutation there is no error at all.
    expected = ((ages - ages[order]).astype(float) ** 2).mean()
    assert found.scores[0] == pytest.approx(expected, rel=1e-6)
    with pytest.raises(
        DataError, match="metric must be 'loss' for labels that are not"
    ):
        permute_fields(Reads("age"), rows)


def test_rows_are_left_alone():
    rows = make_rows()
    before = np.array(rows.rows)

    permute_fields(Reads("age"), rows, num_repeats=1)

    assert np.array_equal(rows.rows, before)


def test_labels_are_needed():
    rows = make_rows()
    matrix = np.array(rows.rows)[:, : rows.layout.labels.start]
    rows = Dataset(rows.schema, matrix, rows.sequences, labelled=False)

    with pytest.raises(DataError, match="dataset must have labels, got rows without"):
        permute_fields(Reads("age"), rows)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"metric": "f1"}, ValueError, "metric must be one of 'auc', 'loss', got 'f1'"),
        ({"num_repeats": 0}, ValueError, "num_repeats must be positive, got 0"),
        ({"batch_size": 0}, ValueError, "batch_size must be positive, got 0"),
        ({"fields": ["cost"]}, SchemaError, r"got unknown \['cost'\]"),
    ],
)
def test_arguments_are_checked(settings, error, message):
    with pytest.raises(error, match=message):
        permute_fields(Reads("age"), make_rows(20), **settings)
