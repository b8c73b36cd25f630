"""Rows as hashed tokens: by hand, as a plain loop, in blocks."""

import numpy as np
import pytest

from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import Schema, VectorField
from fieldwise.selection import hashed_tokens
from fieldwise.selection.hashed_tokens import HashedTokens
from tests.selection.rows import categories, mixed

MASK = 2**64 - 1


def mix(state):
    """One step of splitmix64, in whole numbers of Python."""
    mixed_up = (state + 0x9E3779B97F4A7C15) & MASK
    mixed_up = ((mixed_up ^ (mixed_up >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    mixed_up = ((mixed_up ^ (mixed_up >> 27)) * 0x94D049BB133111EB) & MASK
    return mixed_up ^ (mixed_up >> 31)


def bucket(key, num_buckets):
    return mix((key + mix(0)) & MASK) % num_buckets


def loop(tokens, dataset):
    """Each row's buckets with what they weigh, token by token."""
    schema, found = tokens.schema, []
    num_numbers = len(tokens.edges)
    num_keys = schema.num_features + 11 * num_numbers
    for row in range(len(dataset)):
        bits = dataset.rows[row]
        keys = [int(key) for key in bits[: dataset.layout.num_indices]]
        for place, number in enumerate(bits[dataset.layout.numbers].view(np.float32)):
            piece = int(sum(float(number) >= edge for edge in tokens.edges[place]))
            if np.isnan(number):
                piece = 10
            keys.append(int(schema.num_features + 11 * place + piece))
        hits = [(bucket(key, tokens.num_buckets), 1.0) for key in keys]
        for one, other in tokens.pairs:
            key = (keys[one] + 1) * num_keys + keys[other]
            hits.append((bucket(key, tokens.num_buckets), 1.0))
        for ragged in dataset.sequences:
            items = ragged.values[ragged.offsets[row] : ragged.offsets[row + 1]]
            for item in items.tolist():
                hits.append((bucket(item, tokens.num_buckets), 1 / len(items)))
        found.append(hits)
    return found


@pytest.mark.parametrize("block_rows", [1, 7, 2**16])
@pytest.mark.parametrize("num_buckets", [1, 5, 1000])
def test_counts_and_sums_equal_a_loop(block_rows, num_buckets, monkeypatch):
    monkeypatch.setattr(hashed_tokens, "BLOCK_ROWS", block_rows)
    random = np.random.default_rng(0)
    dataset = mixed(random, 40)
    pairs = [("site", "device"), ("age", "site"), ("price", "age")]
    tokens = HashedTokens.of(dataset, pairs=pairs, num_buckets=num_buckets)
    values = random.normal(size=num_buckets)

    counts, sums = tokens.counts(dataset), tokens.sums(dataset, values)

    hits = loop(tokens, dataset)
    expected = np.zeros(num_buckets)
    for row in hits:
        for place, share in row:
            expected[place] += share
    np.testing.assert_allclose(counts, expected, rtol=1e-12, atol=1e-12)
    by_row = [sum(share * values[place] for place, share in row) for row in hits]
    np.testing.assert_allclose(sums, by_row, rtol=1e-12, atol=1e-12)


def test_tokens_by_hand():
    # Two rows of a=0, b=1 and a=0, b=0: tokens a=0 twice, b=1, b=0, and two pairs.
    dataset = categories([[0, 1], [0, 0]], sizes=(2, 2))
    tokens = HashedTokens.of(dataset, pairs=[("a", "b")], num_buckets=10**6)

    counts = tokens.counts(dataset)

    assert tokens.pairs == ((0, 1),)
    assert tokens.per_row == 3
    assert sorted(counts[counts > 0]) == [1, 1, 1, 1, 2]


def test_pairs_are_those_that_are_named():
    dataset = categories(np.zeros((1, 3), int), sizes=(1, 1, 1))

    assert HashedTokens.of(dataset).pairs == ()
    assert HashedTokens.of(dataset, pairs=[("c", "a")]).pairs == ((2, 0),)


def test_numbers_are_cut_in_tenths():
    dataset = mixed(np.random.default_rng(1), 5000)
    tokens = HashedTokens.of(dataset, num_buckets=10**6)

    counts = np.sort(tokens.counts(dataset))[::-1]

    assert [len(edges) for edges in tokens.edges] == [9, 9]
    # Two numbers in ten pieces of 450 rows each, with 500 missing ones.
    assert sum(430 < count < 470 for count in counts) == 20


def test_rows_can_come_in_parts():
    dataset = mixed(np.random.default_rng(2), 50)
    tokens = HashedTokens.of(dataset, num_buckets=97)
    first, rest = dataset.take(np.arange(20)), dataset.take(np.arange(20, 50))

    np.testing.assert_allclose(
        tokens.counts(dataset), tokens.counts(first) + tokens.counts(rest)
    )


def test_empty_lists_and_missing_numbers_are_no_error():
    dataset = mixed(np.random.default_rng(3), 30)
    matrix = np.array(dataset.rows)
    matrix[:, dataset.layout.numbers] = np.float32(np.nan).view(np.int32)
    empty = type(dataset)(dataset.schema, matrix, dataset.sequences, labelled=False)

    tokens = HashedTokens.of(empty)

    assert [len(edges) for edges in tokens.edges] == [0, 0]
    assert np.isfinite(tokens.sums(empty, np.ones(10_000))).all()


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("a", "x")], r"two fields that are no sequences, got \[\('a', 'x'\)\]"),
        ([("a", "a")], r"pairs must be of two fields .* got \[\('a', 'a'\)\]"),
    ],
)
def test_strange_pairs(pairs, message):
    dataset = categories([[0, 1]], sizes=(2, 2))

    with pytest.raises(SchemaError, match=message):
        HashedTokens.of(dataset, pairs=pairs)


def test_what_is_refused():
    dataset = categories([[0, 1]], sizes=(2, 2))
    text = Schema((VectorField("text", vector_dim=1),))
    vectors = type(dataset)(text, np.zeros((2, 1), np.int32), labelled=False)

    with pytest.raises(ValueError, match="num_buckets must be positive, got 0"):
        HashedTokens.of(dataset, num_buckets=0)
    with pytest.raises(DataError, match="at least one row, got none"):
        HashedTokens.of(dataset.take(np.arange(0)))
    with pytest.raises(SchemaError, match=r"vectors .* got \['text'\]. Leave them out"):
        HashedTokens.of(vectors)
