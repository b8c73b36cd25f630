"""AFN against a loop, and the order it learns."""

import math

import torch
from torch import nn

from fieldwise.models.afn import AFN
from tests.models.by_loop import randomise


def normalise(norm, x):
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return (x - norm.running_mean) * scale + norm.bias


def score_by_loop(model, fields):
    """The logit of one row, ``(field, dim)``, in eval mode."""
    neurons = model.neurons
    columns = []
    for dim in fields.t():
        logs = [math.log(max(abs(value), 1e-5)) for value in dim.tolist()]
        logs = normalise(neurons.field_norm, torch.tensor(logs, dtype=torch.float64))
        exponents = [
            sum(w * log for w, log in zip(powers, logs.tolist(), strict=True))
            for powers in neurons.powers.tolist()
        ]
        products = torch.tensor(exponents, dtype=torch.float64).exp()
        columns.append(normalise(neurons.neuron_norm, products))
    x = torch.cat(columns)
    for layer in model.tower.deep.layers:
        if isinstance(layer, nn.Linear):
            x = (layer.weight @ x + layer.bias).clamp(min=0)
    return (model.tower.head.linear.weight @ x + model.tower.head.linear.bias)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = AFN(mixed_schema, embedding_dim=2, num_neurons=3, hidden_dims=(5, 4))
    randomise(model.double(), std=0.3)
    for norm in (model.neurons.field_norm, model.neurons.neuron_norm):
        nn.init.uniform_(norm.running_mean, -1.0, 1.0)
        nn.init.uniform_(norm.running_var, 0.5, 2.0)
    batch = to_double(mixed_batch)

    logits = model.eval()(batch)

    expected = [score_by_loop(model, fields) for fields in model.embedding(batch)]
    torch.testing.assert_close(logits, torch.stack(expected), rtol=1e-12, atol=1e-10)


def test_signs_of_embeddings_do_not_matter(categorical_schema, categorical_batch):
    model = AFN(categorical_schema, embedding_dim=4, num_neurons=5, hidden_dims=(6,))
    before = model.eval()(categorical_batch)

    with torch.no_grad():
        model.embedding.table.neg_()

    torch.testing.assert_close(model(categorical_batch), before)
