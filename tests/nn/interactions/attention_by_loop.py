"""Self-attention number by number, for the tests of the layer and of its models."""

import math


def split_weight(layer, num_parts):
    """Query, key, value and residual matrices of a layer, as lists of rows."""
    return [part.tolist() for part in layer.project.weight.chunk(num_parts)]


def multiply(matrix, x):
    return [sum(w * v for w, v in zip(row, x, strict=True)) for row in matrix]


def softmax(scores):
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def normalise(x, norm):
    mean = sum(x) / len(x)
    variance = sum((value - mean) ** 2 for value in x) / len(x)
    scales, shifts = norm.weight.tolist(), norm.bias.tolist()
    return [
        (value - mean) / math.sqrt(variance + norm.eps) * scale + shift
        for value, scale, shift in zip(x, scales, shifts, strict=True)
    ]


def maps_by_loop(layer, fields, *, num_heads, head_dim, scaled=False):
    """For each head a list of rows of weights."""
    num_parts = len(layer.project.weight) // (num_heads * head_dim)
    to_query, to_key = split_weight(layer, num_parts)[:2]
    queries = [multiply(to_query, x) for x in fields]
    keys = [multiply(to_key, x) for x in fields]
    maps = []
    for head in range(num_heads):
        dims = range(head * head_dim, (head + 1) * head_dim)
        rows = []
        for query in queries:
            scores = [sum(query[k] * key[k] for k in dims) for key in keys]
            if scaled:
                scores = [score / math.sqrt(head_dim) for score in scores]
            rows.append(softmax(scores))
        maps.append(rows)
    return maps


def layer_by_loop(layer, fields, *, num_heads, head_dim, scaled=False):
    """What one layer makes of the fields of one row."""
    num_parts = len(layer.project.weight) // (num_heads * head_dim)
    matrices = split_weight(layer, num_parts)
    values = [multiply(matrices[2], x) for x in fields]
    maps = maps_by_loop(
        layer, fields, num_heads=num_heads, head_dim=head_dim, scaled=scaled
    )
    result = []
    for place, x in enumerate(fields):
        out = multiply(matrices[3], x) if num_parts == 4 else list(x)
        for head in range(num_heads):
            for k in range(head * head_dim, (head + 1) * head_dim):
                for weight, value in zip(maps[head][place], values, strict=True):
                    out[k] += weight * value[k]
        if layer.norm is not None:
            out = normalise(out, layer.norm)
        result.append([max(0.0, value) for value in out])
    return result
