"""XDeepFM: linear part, crosses and tower, added."""

from dataclasses import replace

import pytest
import torch

from fieldwise.models.dnn import DNN
from fieldwise.models.xdeepfm import XDeepFM
from fieldwise.schema import Label
from tests.models.by_loop import randomise


def score_crosses_by_loop(model, fields):
    """Sums over all maps of both layers, weighted by the head, of one row."""
    maps, sums = fields, []
    for layer in (*model.crosses.layers, model.crosses.last):
        maps = [
            [
                bias
                + sum(
                    weights[i * len(fields) + j] * one[k] * other[k]
                    for i, one in enumerate(maps)
                    for j, other in enumerate(fields)
                )
                for k in range(len(fields[0]))
            ]
            for weights, bias in zip(
                layer.weight.tolist(), layer.bias.tolist(), strict=True
            )
        ]
        sums += [sum(row) for row in maps]
    linear = model.cross_head.linear
    products = zip(linear.weight[0].tolist(), sums, strict=True)
    return linear.bias.item() + sum(w * p for w, p in products)


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    sizes = {"embedding_dim": 3, "hidden_dims": (5, 4)}
    model = randomise(XDeepFM(mixed_schema, num_feature_maps=(3, 2), **sizes).double())
    tower = DNN(mixed_schema, **sizes).double()
    for part in ("embedding", "tower"):
        getattr(tower, part).load_state_dict(getattr(model, part).state_dict())
    batch = to_double(mixed_batch)

    logits = model(batch)

    crosses = [score_crosses_by_loop(model, f) for f in model.embedding(batch).tolist()]
    expected = torch.tensor(crosses, dtype=torch.float64)
    expected += model.linear(batch) + tower(batch)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_each_label_has_weights_of_its_own(
    categorical_schema, categorical_batch, to_double
):
    labels = (*categorical_schema.labels, Label("sale", "binary", positive=1))
    schema = replace(categorical_schema, labels=labels)
    sizes = {"embedding_dim": 3, "num_feature_maps": (3, 2), "hidden_dims": (4,)}
    model = randomise(XDeepFM(schema, **sizes).double())
    batch = to_double(categorical_batch)
    first = XDeepFM(categorical_schema, **sizes).double()
    state = model.state_dict()
    for name in ("tower.head.linear", "cross_head.linear"):
        for kind in ("weight", "bias"):
            state[f"{name}.{kind}"] = state[f"{name}.{kind}"][:1]
    state["linear.weights.table"] = state["linear.weights.table"][:, :1]
    first.load_state_dict(state)

    logits = model(batch)

    torch.testing.assert_close(logits[:, 0], first(batch), rtol=0, atol=1e-10)


def test_there_must_be_maps(categorical_schema):
    with pytest.raises(ValueError, match="num_feature_maps must be positive, got"):
        XDeepFM(categorical_schema, num_feature_maps=())
