"""DSIR: weights by hand and as a plain loop, draws, rows of a slice, limits, errors."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from fieldwise.data.field_view import view_fields
from fieldwise.data.selected_rows import rows_of
from fieldwise.errors import DataError, SchemaError
from fieldwise.importance import Importance, RowNames, Selection
from fieldwise.selection import hashed_tokens
from fieldwise.selection.dsir import (
    effective_rows,
    kl_reduction,
    log_ratios,
    rank_by_dsir,
    top_of_each,
)
from tests.selection.rows import categories, mixed

SIZES = (8, 8, 20)


def weights_of(rows, target, **options):
    return rank_by_dsir(rows, target, **options).details["log_weight"]


def shifted(random, num_rows, *, share=0.2):
    """Rows of which a share comes from a slice, in which small values are frequent."""
    is_slice = random.random(num_rows) < share
    usual = random.integers(0, 8, (num_rows, 2))
    small = np.minimum(random.integers(0, 8, (2, num_rows, 2)).min(axis=0), 2)
    noise = random.integers(0, 20, num_rows)
    values = np.column_stack([np.where(is_slice[:, None], small, usual), noise])
    return categories(values, sizes=SIZES), is_slice


# Weights


def test_weights_by_hand():
    # Field a is 0, 0, 1, 1 in the rows and 0, 0, 0, 1 in the target: 6 tokens of a and
    # b each side by side, b always 0. Shares by field value, of 8 tokens each:
    # rows a=0 2/8, a=1 2/8, b=0 4/8; target a=0 3/8, a=1 1/8, b=0 4/8.
    rows = categories([[0, 0], [0, 0], [1, 0], [1, 0]], sizes=(2, 1))
    target = categories([[0, 0], [0, 0], [0, 0], [1, 0]], sizes=(2, 1))

    found = weights_of(rows, target, smoothing=0.0)

    high, low = math.log(3 / 2), math.log(1 / 2)
    np.testing.assert_allclose(found, [high, high, low, low], atol=1e-6)


def test_smoothing_by_hand():
    # Two rows like all others, of 2 tokens each, join the target: a=1 is then
    # (1 + 4 * 2/8) / (8 + 4) = 2/12 of it, and 2/12 / (2/8) = 2/3.
    rows = categories([[0, 0], [0, 0], [1, 0], [1, 0]], sizes=(2, 1))
    target = categories([[0, 0], [0, 0], [0, 0], [1, 0]], sizes=(2, 1))

    found = weights_of(rows, target, smoothing=2.0, temperature=2.0)

    assert found[3] == pytest.approx(math.log(2 / 3) / 2, abs=1e-6)
    assert found[0] == pytest.approx(math.log((3 + 1) / 12 / (2 / 8)) / 2, abs=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 3.0])
def test_weights_equal_a_loop(smoothing):
    # With tokens as whole numbers and no hash: 10^6 buckets hold some hundred tokens.
    random = np.random.default_rng(0)
    rows, target = (
        categories(random.integers(0, 9, (n, 3)), sizes=(9, 9, 9)) for n in (200, 30)
    )

    found = weights_of(
        rows,
        target,
        pairs=[("a", "b"), ("a", "c")],
        num_buckets=10**6,
        smoothing=smoothing,
    )

    def bag(row):
        a, b, c = row.tolist()
        return [("a", a), ("b", b), ("c", c), ("ab", a, b), ("ac", a, c)]

    raw, wanted = (
        Counter(token for row in part.rows for token in bag(row))
        for part in (rows, target)
    )
    for row, weight in zip(rows.rows, found, strict=True):
        expected = 0.0
        for token in bag(row):
            q = raw[token] / (200 * 5)
            extra = smoothing * 5
            p = (wanted[token] + extra * q) / (30 * 5 + extra)
            expected += math.log(p + 1e-8) - math.log(q + 1e-8)
        assert weight == pytest.approx(expected, abs=1e-9)


def test_unseen_buckets_weigh_what_the_floor_says():
    ratios = log_ratios(np.array([1.0, 0.0]), np.array([1.0, 1.0]))

    np.testing.assert_allclose(ratios[1], math.log(1e-8 / 0.5), rtol=1e-6)


def test_blocks_change_nothing(monkeypatch):
    random = np.random.default_rng(1)
    rows, target = mixed(random, 90), mixed(random, 20)
    whole = rank_by_dsir(rows, target)

    monkeypatch.setattr(hashed_tokens, "BLOCK_ROWS", 13)

    np.testing.assert_allclose(
        rank_by_dsir(rows, target).scores, whole.scores, atol=1e-9
    )


def test_the_order_of_fields_and_rows_changes_nothing():
    random = np.random.default_rng(2)
    values = random.integers(0, 5, (100, 3))
    wanted = np.minimum(random.integers(0, 5, (40, 3)), 2)
    found = weights_of(*(categories(v, sizes=(5, 5, 5)) for v in (values, wanted)))

    turned = weights_of(
        *(categories(v[::-1, ::-1], sizes=(5, 5, 5)) for v in (values, wanted)),
    )

    # Other buckets collide, but hardly any of 15 tokens does in ten thousand.
    np.testing.assert_allclose(turned[::-1], found, atol=1e-9)


# Draws


def test_first_rows_are_drawn_in_proportion_to_their_weights():
    # Weights 1, 2, 3, 4 and 5: the largest of log w + Gumbel noise is row i with
    # probability w_i / 15 (chi-square over 20,000 draws of the noise).
    weights = np.arange(1.0, 6.0)
    noise = np.random.default_rng(3).gumbel(size=(20_000, 5))

    first = (np.log(weights) + noise).argmax(axis=1)

    counts = np.bincount(first, minlength=5)
    assert chisquare(counts, 20_000 * weights / weights.sum()).pvalue > 0.01


def test_what_the_scores_are_made_of():
    random = np.random.default_rng(4)
    rows, target = mixed(random, 300), mixed(random, 50)
    found = rank_by_dsir(rows, target, seed=5)

    expected = np.random.default_rng(5).gumbel(size=300)
    assert found.details["noise"].tolist() == expected.tolist()
    np.testing.assert_array_equal(
        found.scores, found.details["log_weight"] + found.details["noise"]
    )
    assert found.names == RowNames.first(300)
    assert found.data_fingerprint == rows.checksum()
    assert rank_by_dsir(rows, target, seed=5) == found
    other = rank_by_dsir(rows, target, seed=6)
    assert other != found
    assert np.array_equal(other.details["log_weight"], found.details["log_weight"])


def test_fewer_rows_are_among_more():
    random = np.random.default_rng(5)
    found = rank_by_dsir(mixed(random, 60), mixed(random, 10))

    kept = [set(found.top(k).rows) for k in range(61)]

    assert all(few < many for few, many in pairwise(kept))


def test_a_target_like_all_rows_draws_by_chance():
    rows = mixed(np.random.default_rng(6), 4000)
    found = rank_by_dsir(rows, rows, smoothing=0.0)

    assert np.abs(found.details["log_weight"]).max() < 1e-9
    assert kstest(found.top(400).rows / 4000, "uniform").pvalue > 0.01
    assert effective_rows(found) == pytest.approx(4000)


# Slices


def test_rows_of_a_slice_come_first():
    random = np.random.default_rng(7)
    rows, is_slice = shifted(random, 8000)
    target = shifted(random, 500, share=1.0)[0]

    found = rank_by_dsir(rows, target)
    chosen = found.top(int(is_slice.sum()))

    assert is_slice[chosen.rows].mean() > 2.5 * is_slice.mean()
    assert kl_reduction(chosen, rows, target) > 0.05
    by_chance = Selection("row", RowNames(np.arange(1600)), RowNames.first(8000))
    assert abs(kl_reduction(by_chance, rows, target)) < 0.01
    # The noise brings in others: weights alone keep more of the slice, less diverse.
    sharp = np.argsort(-found.details["log_weight"])[: len(chosen)]
    assert is_slice[sharp].mean() > is_slice[chosen.rows].mean()


def test_pairs_find_what_values_alone_do_not():
    # In the target a equals b, in the rows they are independent.
    random = np.random.default_rng(8)
    rows = categories(random.integers(0, 8, (6000, 2)), sizes=(8, 8))
    equal = np.repeat(np.arange(8), 60)
    target = categories(np.column_stack([equal, equal]), sizes=(8, 8))
    is_equal = rows.rows[:, 0] == rows.rows[:, 1] - 8

    alone, both = (
        rank_by_dsir(rows, target, pairs=pairs).top(700) for pairs in ((), [("a", "b")])
    )

    assert is_equal[alone.rows].mean() < 0.2
    assert is_equal[both.rows].mean() > 0.7


def test_temperature_draws_more_diverse_rows():
    random = np.random.default_rng(9)
    rows, _ = shifted(random, 3000)
    target = shifted(random, 300, share=1.0)[0]

    sizes = [
        effective_rows(rank_by_dsir(rows, target, temperature=t))
        for t in (0.5, 1.0, 4.0)
    ]

    assert sizes[0] < sizes[1] < sizes[2] < 3000


def test_a_rare_value_that_the_target_lacks_is_not_favoured():
    # One row in 2000 has a value of its own, and none of 50 in the target does.
    random = np.random.default_rng(10)
    values = random.integers(0, 5, (2000, 2))
    values[7, 0] = 5
    rows = categories(values, sizes=(6, 5))
    target = categories(random.integers(0, 5, (50, 2)), sizes=(6, 5))

    found = weights_of(rows, target)

    assert found[7] < np.quantile(found, 0.01)


def test_other_fields_are_left_out_and_rows_stay():
    random = np.random.default_rng(11)
    rows, target = mixed(random, 50), mixed(random, 20)

    found = rank_by_dsir(view_fields(rows, ["site"]), view_fields(target, ["site"]))

    assert rows_of(found.top(5), rows).rows.shape == (5, rows.rows.shape[1])


# Several targets


def test_each_target_gets_its_number_and_no_row_twice():
    random = np.random.default_rng(12)
    rows = mixed(random, 200)
    found = [rank_by_dsir(rows, mixed(random, 20), seed=seed) for seed in range(3)]

    chosen = top_of_each(found, [50, 30, 20])

    assert len(chosen) == 100
    assert set(found[0].top(50).rows) <= set(chosen.rows)
    left = [row for row in found[1].ranked if int(row) not in found[0].top(50).rows]
    assert {int(row) for row in left[:30]} <= set(chosen.rows)
    assert top_of_each(found[:1], [200]).kept == RowNames.first(200)
    assert len(top_of_each(found, [0, 0, 0])) == 0


# Limits and errors


@pytest.mark.parametrize("num_rows", [1, 2])
def test_a_few_equal_rows(num_rows):
    rows = categories(np.zeros((num_rows, 1), int), sizes=(1,))

    found = rank_by_dsir(rows, rows)

    assert len(found.top(num_rows)) == num_rows
    assert len(found.top(0)) == 0
    assert effective_rows(found) == pytest.approx(num_rows)


def test_what_is_refused():
    rows = categories([[0, 1], [1, 1]], sizes=(2, 2))
    other = categories([[0, 1]], sizes=(3, 2))
    nothing = rows.take(np.arange(0))
    with pytest.raises(SchemaError, match="target must have the schema of rows"):
        rank_by_dsir(rows, other)
    with pytest.raises(DataError, match="target must hold at least one row, got none"):
        rank_by_dsir(rows, nothing)
    with pytest.raises(DataError, match="rows must hold at least one row, got none"):
        rank_by_dsir(nothing, rows)
    with pytest.raises(ValueError, match="temperature must be positive"):
        rank_by_dsir(rows, rows, temperature=0.0)
    with pytest.raises(ValueError, match="smoothing must be zero or positive"):
        rank_by_dsir(rows, rows, smoothing=-1.0)
    with pytest.raises(ValueError, match="num_buckets must be positive, got 0"):
        rank_by_dsir(rows, rows, num_buckets=0)
    with pytest.raises(DataError, match="target must have at least one value"):
        log_ratios(np.zeros(3), np.ones(3))


def test_what_other_functions_refuse():
    rows = categories([[0, 1], [1, 1]], sizes=(2, 2))
    found = rank_by_dsir(rows, rows)
    strange = Importance(
        unit="row", names=RowNames.first(1), scores=np.ones(1), meaning="", method="x"
    )
    with pytest.raises(DataError, match="must have the detail 'log_weight'"):
        effective_rows(strange)
    with pytest.raises(DataError, match="importances must be of the same rows"):
        top_of_each([found, strange], [1, 0])
    with pytest.raises(ValueError, match="add up to at most 2 rows"):
        top_of_each([found], [3])
    with pytest.raises(ValueError, match="one per importance, and one at least"):
        top_of_each([], [])
    with pytest.raises(DataError, match="selection must be of 2 rows"):
        kl_reduction(strange.top(1), rows, rows)
    with pytest.raises(DataError, match="rows must have at least one value"):
        kl_reduction(found.top(0), rows, rows)
