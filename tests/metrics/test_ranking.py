"""AUC, group AUC and NDCG against scikit-learn and plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from fieldwise.errors import DataError, ShapeError
from fieldwise.metrics import GroupAUC, auc, group_auc, ndcg

ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6)),
        st.one_of(st.sampled_from([0.0, 1.0, 7.5]), st.floats(1e-3, 1e3)),
        st.integers(-2, 5),
    ),
    min_size=1,
    max_size=60,
)


def columns(rows):
    return [np.array(column) for column in zip(*rows, strict=True)]


def has_both_labels(labels, weights):
    return len(set(labels[weights > 0])) == 2


def slow_auc(labels, scores, weights):
    won = total = 0.0
    for i in np.flatnonzero(labels == 1):
        for j in np.flatnonzero(labels == 0):
            pair = weights[i] * weights[j]
            won += pair * ((scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]))
            total += pair
    return won / total


def slow_group_auc(labels, scores, groups, weights):
    won = total = 0.0
    left_out = 0
    for group in set(groups):
        rows = groups == group
        if not has_both_labels(labels[rows], weights[rows]):
            left_out += 1
            continue
        value = slow_auc(labels[rows], scores[rows], weights[rows])
        won += weights[rows].sum() * value
        total += weights[rows].sum()
    return (won / total if total else None), len(set(groups)), left_out


class TestAUC:
    def test_by_hand(self):
        value = auc([1, 0, 1, 0], [3, 2, 2, 1], weights=[1, 2, 3, 4])

        # pairs: (3>2) 1*2, (3>1) 1*4, (2=2) 3*2/2, (2>1) 3*4; of 4 * 6
        assert value == (2 + 4 + 3 + 12) / 24

    @settings(deadline=None)
    @given(ROWS)
    def test_equals_scikit_learn_and_the_pairs(self, rows):
        labels, scores, weights, _ = columns(rows)
        if not has_both_labels(labels, weights):
            with pytest.raises(DataError):
                auc(labels, scores, weights=weights)
            return

        value = auc(labels, scores, weights=weights)

        expected = sk.roc_auc_score(labels, scores, sample_weight=weights)
        assert value == pytest.approx(expected, abs=1e-9)
        assert value == pytest.approx(slow_auc(labels, scores, weights), abs=1e-12)

    def test_equals_scikit_learn_on_many_rows(self):
        rng = np.random.default_rng(0)
        labels = rng.random(20_000) < 0.1
        scores = rng.normal(size=20_000).round(2) + labels
        weights = rng.exponential(size=20_000) * (rng.random(20_000) < 0.9)

        expected = sk.roc_auc_score(labels, scores, sample_weight=weights)
        assert auc(labels, scores, weights=weights) == pytest.approx(expected, abs=1e-9)

    def test_is_exact_where_it_can_be(self):
        labels = np.arange(1000) >= 300

        assert auc(labels, np.arange(1000)) == 1
        assert auc(labels, -np.arange(1000)) == 0
        assert auc(labels, np.zeros(1000)) == 0.5
        assert auc(labels, np.arange(1000), weights=np.full(1000, 4.0)) == 1

    def test_float32_ties_stay_apart_from_their_neighbours(self):
        below, above = np.float32(0.1), np.nextafter(np.float32(0.1), np.float32(1))

        assert auc([0, 1], np.array([below, above])) == 1

    def test_one_class(self):
        with pytest.raises(DataError, match="labels must hold both 0 and 1, got only"):
            auc([1, 1, 0], [1, 2, 3], weights=[1, 1, 0])

    def test_scores_must_be_finite(self):
        with pytest.raises(DataError, match="scores must be finite, got nan in row 1"):
            auc([0, 1], [0.0, np.nan])


class TestGroupAUC:
    def test_by_hand(self):
        groups = np.array(["b", "a", "b", "a", "a", "c", "d"])

        value = group_auc(
            [1, 1, 0, 0, 0, 1, 0], [2, 2, 1, 3, 1, 0, 0], groups, weights=[1] * 6 + [9]
        )

        # a: 1 of 2 pairs, 3 rows; b: 1 of 1 pair, 2 rows; c and d hold one label
        assert value == GroupAUC((3 * 0.5 + 2 * 1) / 5, num_groups=4, num_left_out=2)

    @settings(deadline=None)
    @given(ROWS)
    def test_equals_the_loop(self, rows):
        labels, scores, weights, groups = columns(rows)
        if not weights.any():
            return
        expected, num_groups, num_left_out = slow_group_auc(
            labels, scores, groups, weights
        )
        if expected is None:
            with pytest.raises(DataError, match="groups must hold both labels"):
                group_auc(labels, scores, groups, weights=weights)
            return

        found = group_auc(labels, scores, groups, weights=weights)

        assert found.value == pytest.approx(expected, abs=1e-12)
        assert (found.num_groups, found.num_left_out) == (num_groups, num_left_out)

    def test_one_group_has_its_auc(self):
        labels, scores = [0, 1, 1, 0], [1, 1, 2, 3]

        assert group_auc(labels, scores, [5] * 4).value == auc(labels, scores)

    def test_heavy_groups_do_not_blur_light_ones(self):
        rng = np.random.default_rng(1)
        groups = np.repeat(np.arange(200), 10)
        weights = rng.random(2000) * 10.0 ** rng.integers(-12, 12, 200).repeat(10)
        labels, scores = rng.integers(0, 2, 2000), rng.integers(0, 5, 2000)
        light = groups == groups[np.argmin(weights)]

        found = group_auc(labels, scores, groups, weights=weights)

        expected, *_ = slow_group_auc(labels, scores, groups, weights)
        assert found.value == pytest.approx(expected, abs=1e-12)
        alone = group_auc(
            labels[light], scores[light], groups[light], weights=weights[light]
        )
        assert alone.value == pytest.approx(
            slow_auc(labels[light], scores[light], weights[light]), abs=1e-12
        )

    @pytest.mark.parametrize("dtype", [np.int8, np.uint64, "U", "O"])
    def test_any_kind_of_group(self, dtype):
        rng = np.random.default_rng(2)
        labels, scores = rng.integers(0, 2, 300), rng.normal(size=300)
        groups = rng.integers(0, 20, 300)
        given = (
            groups.astype("U").astype(dtype) if dtype == "O" else groups.astype(dtype)
        )

        found = group_auc(labels, scores, given)

        expected = group_auc(labels, scores, groups)
        assert found.value == pytest.approx(expected.value, abs=1e-12)
        assert found.num_left_out == expected.num_left_out

    def test_many_groups(self):
        rng = np.random.default_rng(3)
        labels, scores = rng.integers(0, 2, 50_000), rng.normal(size=50_000)
        groups = rng.integers(0, 5_000, 50_000) * 10**12

        found = group_auc(labels, scores, groups)

        assert found.value == pytest.approx(0.5, abs=0.02)

    @pytest.mark.parametrize(
        ("groups", "message"),
        [
            ([1, 2, 3], r"groups must have shape \(2,\), got \(3,\)"),
            ([0.5, 1.5], r"integers or strings, got \['float'\]"),
            (np.array(["a", None], object), r"got \['NoneType', 'str'\]"),
        ],
    )
    def test_groups_of_the_wrong_kind(self, groups, message):
        with pytest.raises(ShapeError, match=message):
            group_auc([0, 1], [1, 2], groups)


class TestNDCG:
    def test_by_hand(self):
        value = ndcg([3, 0, 1, 0, 0], [1, 2, 0, 5, 6], [1, 1, 1, 2, 2])

        # group 1, places 1 to 3 hold 0, 3, 1: 3/log2(3) + 1/2 of 3 + 1/log2(3)
        third = 1 / np.log2(3)
        assert value == pytest.approx((3 * third + 0.5) / (3 + third), abs=1e-15)

    @settings(deadline=None)
    @given(ROWS, st.one_of(st.none(), st.integers(1, 8)))
    def test_equals_scikit_learn_group_by_group(self, rows, k):
        _, scores, gains, groups = columns(rows)
        expected = []
        for group in set(groups):
            rows_of = groups == group
            if not gains[rows_of].any():
                continue
            # scikit-learn refuses one row; a second without gain changes nothing
            padded = [np.append(gains[rows_of], 0), np.append(scores[rows_of], -1e9)]
            expected.append(sk.ndcg_score([padded[0]], [padded[1]], k=k))
        if not expected:
            with pytest.raises(DataError, match="labels must hold a positive one"):
                ndcg(gains, scores, groups, k=k)
            return

        value = ndcg(gains, scores, groups, k=k)

        assert value == pytest.approx(np.mean(expected), abs=1e-9)

    def test_ties_share_their_places(self):
        # (1 + 1/log2(3)) / 2: first or second, equally likely
        assert ndcg([0, 1], [5, 5], ["q", "q"]) == pytest.approx(
            (1 + 1 / np.log2(3)) / 2
        )

    def test_best_order_is_one(self):
        labels = np.array([4, 0, 2, 2, 1])

        assert ndcg(labels, labels, [1] * 5) == pytest.approx(1, abs=1e-15)

    def test_errors(self):
        with pytest.raises(ValueError, match="k must be positive, got 0"):
            ndcg([1], [1], [1], k=0)
        with pytest.raises(DataError, match="labels must be finite and zero or pos"):
            ndcg([-1], [1], [1])
