"""The exponents of exponential neurons, one row and one neuron at a time."""

import math
from itertools import product

from tests.nn.entmax_by_bisection import entmax_by_bisection


def exponents_by_loop(neurons, row):
    """Sum_j w_ij e_j of each head and neuron of one row, step by step."""
    num_heads, num_neurons, dim = neurons.queries.shape
    found = []
    for head, neuron in product(range(num_heads), range(num_neurons)):
        key_map = neurons.key_maps[head].tolist()
        query = neurons.queries[head, neuron].tolist()
        value = neurons.value_vectors[head, neuron].tolist()
        logits = []
        for field in row:
            key = [
                sum(key_map[a][c] * field[a] for a in range(dim)) for c in range(dim)
            ]
            logits.append(sum(q * k for q, k in zip(query, key, strict=True)))
        scaled = [logit / math.sqrt(dim) for logit in logits]
        gates = entmax_by_bisection(scaled, neurons.alpha)
        powers = [z * v for z, v in zip(gates, value, strict=True)]
        found.append(
            [
                sum(w * field[d] for w, field in zip(powers, row, strict=True))
                for d in range(dim)
            ]
        )
    return found
