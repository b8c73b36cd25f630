"""Tables whose answers are known, and models that know them exactly."""

import numpy as np
import polars as pl
import torch

from fieldwise.data.dataset import Dataset
from fieldwise.models import build_model, model_arguments
from fieldwise.schema import CategoricalField, Label, Schema

CLICK = Label("click", "binary", positive=1)
NAMES = ("site", "device", "hour", "user", "slot", "noise")


def planted_schema(num_fields=6, num_values=8):
    return Schema(
        tuple(
            CategoricalField(name, num_features=num_values, value_type="int")
            for name in NAMES[:num_fields]
        ),
        (CLICK,),
    )


def dataset_of(schema, values, labels):
    """Values 0.. of each field, encoded."""
    rows = values + np.array(schema.table_offsets)
    bits = labels.astype(np.float32).view(np.int32)
    return Dataset(schema, np.column_stack([rows, bits]).astype(np.int32))


def random_values(schema, num_rows, seed=0):
    random = np.random.default_rng(seed)
    return random.integers(0, schema.table_sizes, (num_rows, len(schema)))


def planted_pair(seed, num_rows=8_000):
    """A table in which nothing says anything but hour and user together."""
    schema = planted_schema()
    values = random_values(schema, num_rows, seed)
    random = np.random.default_rng(seed)
    logit = (random.normal(size=(8, 8)) * 1.5)[values[:, 2], values[:, 3]]
    return dataset_of(schema, values, random.random(num_rows) < sigmoid(logit))


def planted_frame(num_rows, seed=0):
    """The same with an effect of the site, as raw rows."""
    schema = planted_schema()
    values = random_values(schema, num_rows, seed)
    random = np.random.default_rng(seed)
    logit = (random.normal(size=(8, 8)) * 1.5)[values[:, 2], values[:, 3]]
    logit = logit + random.normal(size=8)[values[:, 0]]
    columns = dict(zip(NAMES, values.T, strict=True))
    click = (random.random(num_rows) < sigmoid(logit)).astype(int)
    return pl.DataFrame(columns | {"click": click}).with_columns(
        pl.col(NAMES).cast(pl.String)
    )


def sigmoid(logit):
    return 1 / (1 + np.exp(-logit))


def model_of(schema, name="deepfm", *, std=0.5, seed=0, **arguments):
    torch.manual_seed(seed)
    sizes = {"embedding_dim": 4, "hidden_dims": (8,)}
    known = model_arguments(name)
    sizes = {key: size for key, size in sizes.items() if key in known}
    model = build_model(name, schema, **(sizes | arguments))
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=std)
    return model.eval()


def trained(model, dataset, num_steps=100, learning_rate=0.05):
    """The model after some steps of Adam on random rows."""
    optimizer = torch.optim.Adam(
        model.parameters(), lr=learning_rate, weight_decay=1e-5
    )
    random = np.random.default_rng(0)
    for _ in range(num_steps):
        batch = dataset.batch(random.integers(0, len(dataset), 1024))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            model(batch), batch.labels[:, 0]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval()
