"""What the tests of several systems do alike: any weights, and a tower by loops."""

import torch
from torch import nn


def randomise(model, std=0.5):
    """Weights far from where they start, the same for the same sizes."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=std)
    return model


def inner(first, second):
    return sum(a * b for a, b in zip(first, second, strict=True))


def apply_linear(layer, x):
    """W x + b of one row, neuron by neuron."""
    return [
        inner(row, x) + bias
        for row, bias in zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
    ]


def apply_tower(tower, x):
    """relu(W x + b) layer by layer, of one row."""
    for layer in tower.layers:
        if isinstance(layer, nn.Linear):
            x = [max(0.0, value) for value in apply_linear(layer, x)]
    return x


def check_rows(model, batch, score_by_loop):
    """Compare the logits of a batch with a loop over the embeddings of its rows."""
    logits = model(batch)

    rows = model.embedding(batch).tolist()
    expected = [score_by_loop(model, fields) for fields in rows]
    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def set_neuron(tower, weights):
    """Make a tower of one neuron 2 relu(w x + 10) + 100."""
    with torch.no_grad():
        tower.deep.layers[0].weight.copy_(torch.tensor([weights]))
        tower.deep.layers[0].bias.fill_(10.0)
        tower.head.linear.weight.fill_(2.0)
        tower.head.linear.bias.fill_(100.0)
