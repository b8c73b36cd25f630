"""Small datasets and models that every training test can use."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset, Ragged
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
)
from fieldwise.training import Recipe, Trainer

CLICK = Label("click", "binary", positive=1)
FIELDS = (
    CategoricalField("site", num_features=8, value_type="string"),
    CategoricalField("device", num_features=5, value_type="string"),
    NumericField("price", encoding="standard", center=0.0, scale=1.0),
    SequenceField("tags", num_features=6, value_type="string"),
)


class Model(nn.Module):
    """Embeddings, batch normalisation, dropout and a linear head."""

    def __init__(self, schema, *, dim=4, num_tasks=None, dropout=0.2):
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=dim)
        width = len(schema) * dim
        self.tower = nn.Sequential(
            nn.Linear(width, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(dropout)
        )
        self.head = nn.Linear(8, num_tasks or 1)
        self.num_tasks = num_tasks

    def forward(self, batch: Batch):
        logits = self.head(self.tower(self.embedding(batch).flatten(1)))
        return logits.squeeze(1) if self.num_tasks is None else logits


class Additive(nn.Module):
    """The sum of the first coordinates of all embeddings: no other parameter."""

    def __init__(self, schema, *, dim=2, seed=0):
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=dim)
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.embedding.table.normal_(generator=generator)

    def forward(self, batch: Batch):
        return self.embedding(batch).sum(dim=(1, 2))


@pytest.fixture
def schema():
    """Four fields of three kinds, one binary label."""
    return Schema(FIELDS, (CLICK,))


@pytest.fixture
def sites():
    """One categorical field of ten rows, one binary label."""
    field = CategoricalField("site", num_features=10, value_type="string")
    return Schema((field,), (CLICK,))


@pytest.fixture
def make_model():
    def make(schema, *, seed=0, **settings):
        torch.manual_seed(seed)
        return Model(schema, **settings)

    return make


@pytest.fixture
def make_additive():
    return Additive


@pytest.fixture
def make_dataset():
    """Rows of a schema: the given columns, and random ones for the rest."""

    def make(schema, num_rows=100, *, seed=0, labels=None, indices=None, weights=None):
        random = np.random.default_rng(seed)
        sizes, starts = schema.table_sizes, schema.table_offsets
        count = len(schema.index_fields)
        if indices is None:
            columns = [
                start + random.integers(0, size, num_rows)
                for size, start in zip(sizes[:count], starts[:count], strict=True)
            ]
            indices = np.stack(columns, axis=1)
        if labels is None:
            # Learnable: the first field decides, with noise.
            labels = (indices[:, :1] + random.normal(size=(num_rows, 1)) > 3) * 1.0
        indices = np.asarray(indices)
        floats = [random.normal(size=(len(indices), len(schema.number_fields)))]
        floats.append(np.reshape(labels, (len(indices), len(schema.labels))))
        if weights is not None:
            floats.append(np.reshape(weights, (len(indices), 1)))
        bits = [np.float32(column).view(np.int32) for column in floats]
        lists = []
        for size, start in zip(sizes[count:], starts[count:], strict=True):
            offsets = np.cumsum([0, *random.integers(1, 4, len(indices))])
            values = start + random.integers(0, size, offsets[-1])
            lists.append(Ragged(values.astype(np.int32), offsets.astype(np.int64)))
        return Dataset(schema, np.hstack([indices.astype(np.int32), *bits]), lists)

    return make


@pytest.fixture
def fit():
    """Train on the CPU: three short epochs unless a recipe says otherwise."""

    def run(model, train, valid=None, *, recipe=None, num_workers=0, **callbacks):
        recipe = recipe or Recipe(batch_size=16, num_epochs=3, learning_rate=0.01)
        trainer = Trainer(recipe, accelerator="cpu", num_workers=num_workers)
        return trainer.fit(model, train, valid, **callbacks)

    return run


@pytest.fixture
def remember():
    """An ``on_epoch_end`` that adds the weights of every epoch to a list."""

    def make(model, kept):
        return lambda _: kept.append(deepcopy(model.state_dict()))

    return make


@pytest.fixture
def assert_equal_bits():
    def compare(state, other):
        assert list(state) == list(other)
        for name, tensor in state.items():
            assert torch.equal(tensor, other[name]), name

    return compare
