import numpy as np
import pytest

from fieldwise.selection.outrank.three_mr import three_mr_order


def symmetric(random, num_fields):
    table = random.random((num_fields, num_fields))
    return (table + table.T) / 2


def loop_order(relevance, redundancy, relation):
    """The order as the definition says it, field by field."""
    fields = range(len(relevance))

    def stretched(numbers):
        low, high = min(numbers), max(numbers)
        return lambda value: (value - low) / (high - low)

    rel = stretched(relevance.tolist())
    pairs = [(f, g) for f in fields for g in fields if f != g]
    red = stretched([redundancy[pair] for pair in pairs])
    rlt = stretched([relation[pair] for pair in pairs])
    order = [int(np.argmax(relevance))]
    while len(order) < len(relevance):
        worth = {
            f: rel(relevance[f])
            - np.median([red(redundancy[g, f]) for g in order])
            + np.median([rlt(relation[g, f]) for g in order])
            for f in fields
            if f not in order
        }
        order.append(max(worth, key=lambda f: (worth[f], -f)))
    return order


@pytest.mark.parametrize("seed", range(5))
def test_the_loop_says_the_same(seed):
    random = np.random.default_rng(seed)
    tables = random.random(9), symmetric(random, 9), symmetric(random, 9)

    assert three_mr_order(*tables) == loop_order(*tables)


def test_a_relation_brings_the_partner_up():
    relevance = np.array([0.5, 0.2, 0.0])
    none = np.zeros((3, 3))
    joint = none.copy()
    joint[0, 2] = joint[2, 0] = 0.9

    assert three_mr_order(relevance, none, none) == [0, 1, 2]
    assert three_mr_order(relevance, none, joint) == [0, 2, 1]


def test_what_is_not_known_counts_as_the_lowest():
    relevance = np.array([0.5, 0.2, 0.2])
    redundancy = np.full((3, 3), np.nan)
    redundancy[0, 1] = redundancy[1, 0] = 0.9
    redundancy[1, 2] = redundancy[2, 1] = 0.1

    assert three_mr_order(relevance, redundancy, np.zeros((3, 3))) == [0, 2, 1]


def test_one_field():
    assert three_mr_order(np.ones(1), np.ones((1, 1)), np.ones((1, 1))) == [0]
