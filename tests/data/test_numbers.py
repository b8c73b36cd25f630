"""What is learned about numbers, and the numbers and buckets that come out."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fieldwise.data.numbers import (
    bucket,
    check_buckets,
    fit_numeric,
    log_square_code,
    squash,
    standardise,
)
from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.errors import SchemaError
from fieldwise.schema import NumericField

NAN, INF = float("nan"), float("inf")
NUMBER_ENCODINGS = ("standard", "ple", "periodic")
ALL_ENCODINGS = (*NUMBER_ENCODINGS, "quantile", "log_square")


def fit(values, encoding, **settings):
    field = NumericField("x", encoding=encoding, **settings)
    return fit_numeric(field, np.array(values, dtype=np.float64))


def encode(field, values):
    array = np.array(values, dtype=np.float64)
    if field.is_bucketed:
        return bucket(field, array).tolist()
    return standardise(field, array).astype(np.float32).tolist()


@pytest.mark.parametrize(
    ("value", "code"),
    # floor(ln(x) ** 2), as the winners of 2014 publish it
    [(3, 1), (4, 1), (5, 2), (7, 3), (10, 5), (100, 21), (1000, 47), (1e6, 190)],
)
def test_log_square_codes_of_the_winners(value, code):
    assert log_square_code(np.array([float(value)])).item() - 3 == code


def test_small_numbers_have_codes_of_their_own():
    # 1 must not meet the code 1 of 3 and 4, nor 2 the code 2 of 5.
    small = log_square_code(np.array([-3.0, -1.0, 0.0, 1.0, 2.0]))
    large = log_square_code(np.concatenate([[2.0001, 2.5], np.arange(3.0, 5000.0)]))
    assert small.tolist() == [-3, -1, 0, 1, 2]
    assert not set(small) & set(large)
    assert large.min() == 3
    assert (np.diff(large) >= 0).all()


def test_log_square_codes_same_as_a_loop():
    random = np.random.default_rng(0)
    values = np.concatenate(
        [random.normal(0, 50, 300), np.exp(random.normal(0, 5, 300))]
    )

    def code(x):
        return 3 + math.floor(math.log(x) ** 2) if x > 2 else max(-258, math.floor(x))

    assert log_square_code(values).tolist() == [code(x) for x in values]


def test_log_square_codes_are_bounded():
    codes = log_square_code(np.array([INF, 1e300, -INF, -1e300, NAN]))
    assert codes[:4].tolist() == [258, 258, -258, -258]
    assert np.isnan(codes[4])


def test_log_square_buckets_by_hand():
    # Codes 1, 1, 2, 2, 4 (of 3), 4 (of 4), 5 once: buckets 1, 2 and 4 are kept.
    field = fit([1, 1, 2, 2, 3, 4, 5, NAN], "log_square")
    assert field.edges == (1.0, 2.0, 4.0)
    assert field.num_features == 1 + 3 + 1
    assert field.has_nulls
    found = encode(field, [1, 2, 3, 4, 5, 1000, -7, 0, INF, -INF, NAN])
    assert found == [1, 2, 3, 3, *[UNKNOWN] * 6, 4]


def test_missing_without_a_row_is_unknown():
    for encoding in ("log_square", "quantile"):
        field = fit([1, 1, 2, 2], encoding)
        assert not field.has_nulls
        assert encode(field, [NAN]) == [UNKNOWN]


def test_nulls_outside_the_sample_get_a_row():
    field = NumericField("x", encoding="quantile")
    values = np.array([1.0, 2.0])
    assert fit_numeric(field, values).num_features == 3
    fitted = fit_numeric(field, values, has_nulls=True)
    assert fitted.has_nulls
    assert bucket(fitted, np.array([NAN])).tolist() == [3]


def test_quantile_buckets_by_hand():
    # Eight numbers, four buckets of two: they start at 1, 3, 5 and 7.
    field = fit([8, 1, 2, 7, 3, 4, 6, 5], "quantile", num_buckets=4)
    assert field.edges == (3.0, 5.0, 7.0)
    assert field.num_features == 1 + 4
    found = encode(field, [-INF, 0, 1, 2.9, 3, 4, 5, 6.9, 7, 8, 9, INF, NAN])
    assert found == [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, UNKNOWN]


@pytest.mark.parametrize("num_buckets", [1, 2, 7, 32])
@pytest.mark.parametrize(
    "values",
    [
        np.arange(1000.0),
        np.random.default_rng(0).normal(size=1000),
        np.random.default_rng(0).geometric(0.3, 1000).astype(float),
        np.concatenate([np.zeros(990), np.arange(10)]),
        np.repeat([1.0, 5.0, 9.0], 20),
        np.array([3.0]),
    ],
    ids=["whole", "normal", "geometric", "mostly zero", "three", "one"],
)
def test_every_quantile_bucket_is_trained(values, num_buckets):
    field = fit(values, "quantile", num_buckets=num_buckets)
    found = np.bincount(encode(field, values), minlength=field.num_features)
    assert len(field.edges) + 1 <= num_buckets
    assert found[UNKNOWN] == 0
    assert (found[1:] > 0).all()
    assert len(found) == field.num_features


def test_heavy_ties_leave_buckets_for_the_rest():
    # 9 000 zeros and 1 000 other numbers: plain quantiles would put 9 of 10 edges at 0.
    rest = np.arange(1.0, 1001.0)
    field = fit(np.concatenate([np.zeros(9000), rest]), "quantile", num_buckets=11)
    sizes = np.bincount(encode(field, rest), minlength=12)[2:]
    assert len(field.edges) == 10
    assert sizes.tolist() == [100] * 10


def test_few_distinct_values_have_a_bucket_each():
    field = fit([0, 0, 0, 0, 0, 1], "quantile")
    assert field.edges == (1.0,)
    assert encode(field, [0, 1]) == [1, 2]


@pytest.mark.parametrize("encoding", ["quantile", "log_square"])
def test_buckets_same_as_a_loop(encoding):
    random = np.random.default_rng(1)
    values = np.concatenate([random.integers(-5, 400, 500), np.full(20, NAN)])
    field = fit(values, encoding, num_buckets=9)

    def position(x):
        if math.isnan(x):
            return field.num_features - 1
        if encoding == "quantile":
            return 1 + sum(edge <= x for edge in field.edges)
        code = float(log_square_code(np.array([x])).item())
        return 1 + field.edges.index(code) if code in field.edges else UNKNOWN

    assert encode(field, values) == [position(float(x)) for x in values]


def test_standardise_by_hand():
    # log1p of 0 and e - 1 is 0 and 1: centre 0.5, scale 0.5
    field = fit([0, math.e - 1], "standard")
    assert field.center == pytest.approx(0.5)
    assert field.scale == pytest.approx(0.5)
    found = encode(field, [0, math.e - 1, math.sqrt(math.e) - 1])
    assert found == pytest.approx([-1, 1, 0], abs=1e-6)


def test_squash_keeps_sign_order_and_missing():
    values = np.array([-1e300, -5.0, -1e-9, 0.0, 1e-9, 5.0, 1e300])
    assert (np.diff(squash(values)) > 0).all()
    assert squash(-values).tolist() == (-squash(values)).tolist()
    assert np.isnan(squash(np.array([NAN]))).all()


@pytest.mark.parametrize("encoding", NUMBER_ENCODINGS)
def test_standardise_same_as_a_loop(encoding):
    values = np.random.default_rng(2).normal(0, 30, 2000)
    field = fit(values, encoding)
    # 0.001 of 1999 steps is one number at each end.
    ordered = sorted(values)
    low, high = ordered[1], ordered[-2]
    logs = [math.copysign(math.log1p(abs(x)), x) for x in np.clip(values, low, high)]
    center = sum(logs) / len(logs)
    scale = math.sqrt(sum((x - center) ** 2 for x in logs) / len(logs))
    assert (field.low, field.high) == (low, high)
    expected = [(x - center) / scale for x in logs]
    np.testing.assert_allclose(standardise(field, values), expected, rtol=1e-9)


@pytest.mark.parametrize("encoding", NUMBER_ENCODINGS)
def test_standardise_is_monotone_and_clips(encoding):
    values = np.exp(np.random.default_rng(4).normal(0, 3, 5000)) - 2
    field = fit(values, encoding)
    grid = np.sort(np.concatenate([values, [-INF, -1e300, -1e9, 1e9, 1e300, INF]]))
    found = standardise(field, grid)
    assert (np.diff(found) >= 0).all()
    assert np.isfinite(found).all()
    ends = standardise(field, np.array([field.low, field.high]))
    assert (found[0], found[-1]) == tuple(ends)


@pytest.mark.parametrize("encoding", NUMBER_ENCODINGS)
@pytest.mark.parametrize(
    "values",
    [
        [1e300, -1e300, 0.0, 1.0],
        [1.7e308, -1.7e308],
        [5e-324, 0.0],
        [1e9, 1e9 + 1e-6],
        [2**53, 2**53 + 2],
        [INF, -INF, 1.0, 2.0],
    ],
)
def test_extreme_numbers_stay_finite_in_32_bits(encoding, values):
    field = fit(values, encoding)
    assert np.isfinite(encode(field, [*values, 0.0, 1e308, -1e308, INF, -INF])).all()
    assert np.isnan(encode(field, [NAN])).all()


@pytest.mark.parametrize("encoding", ALL_ENCODINGS)
@pytest.mark.parametrize("value", [0.0, 7.0, -1e9, 1e300])
def test_constant_column(encoding, value):
    field = fit([value] * 10, encoding)
    assert field.is_fitted
    expected = 1 if field.is_bucketed else pytest.approx(0, abs=1e-9)
    assert encode(field, [value]) == [expected]
    assert np.isfinite(encode(field, [0.0, 1e308, INF])).all()
    if not field.is_bucketed:
        assert (field.scale, field.edges) == (1.0, ())


@pytest.mark.parametrize("encoding", ALL_ENCODINGS)
@pytest.mark.parametrize("values", [[NAN] * 5, []])
def test_column_without_a_number(encoding, values):
    field = fit(values, encoding)
    assert field.is_fitted
    assert field.has_nulls == bool(values)
    assert np.isfinite(encode(field, [0.0, 5.0, INF])).all()
    if field.is_bucketed:
        assert 0 <= max(encode(field, [0.0, NAN])) < field.num_features
    else:
        assert np.isnan(encode(field, [NAN])).all()


@pytest.mark.parametrize("encoding", ALL_ENCODINGS)
def test_two_distinct_values_are_told_apart(encoding):
    field = fit([0, 0, 0, 1, 1, 1], encoding)
    low, high = encode(field, [0, 1])
    assert low < high
    if encoding == "ple":
        assert field.edges == (low, high)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(5).normal(size=5000),
        np.concatenate([np.zeros(5000), np.random.default_rng(5).random(50)]),
        # Distinct in 64 bits, hardly in 32.
        1e6 + np.linspace(0, 1e-3, 1000),
        np.array([1.0, 1.0 + 1e-12, 2.0]),
        np.exp(np.random.default_rng(5).normal(0, 20, 3000)),
    ],
    ids=["normal", "mostly zero", "crowded", "nearly equal", "heavy tail"],
)
@pytest.mark.parametrize("num_buckets", [1, 4, 48])
def test_ple_edges_increase_in_32_bits_and_span_the_numbers(values, num_buckets):
    field = fit(values, "ple", num_buckets=num_buckets)
    edges = np.array(field.edges, dtype=np.float32)
    assert tuple(edges.tolist()) == field.edges
    assert 2 <= len(edges) <= num_buckets + 1
    assert (np.diff(edges) > 0).all()
    ends = encode(field, [-INF, INF])
    assert (edges[0], edges[-1]) == tuple(ends)


def test_ple_edges_by_hand():
    # Four pieces of two numbers start at 1, 3, 5, 7; the last ends at 8.
    field = fit(range(1, 9), "ple", num_buckets=4)
    starts = standardise(field, np.array([1.0, 3.0, 5.0, 7.0, 8.0]))
    assert field.edges == tuple(starts.astype(np.float32).tolist())


def test_fitting_again_forgets_what_was_learned():
    once = fit(range(100), "ple")
    again = fit_numeric(once, np.full(5, 3.0))
    assert again == fit([3.0] * 5, "ple")


def test_settings_stay():
    field = fit([1, 2, 3], "periodic", num_buckets=7)
    assert (field.name, field.encoding, field.num_buckets) == ("x", "periodic", 7)
    assert field.edges == ()


@pytest.mark.parametrize(
    ("encoding", "edges", "num_features"),
    [("quantile", (1.0, 2.0), 4), ("log_square", (0.0, 4.0), 3)],
)
def test_every_bucket_has_a_row(encoding, edges, num_features):
    # quantile: unknown, below 1, 1 to 2, above; log_square: unknown and two codes
    fitted = NumericField("x", encoding, edges=edges, num_features=num_features)

    check_buckets(fitted)
    for field in (
        replace(fitted, num_features=num_features - 1),
        replace(fitted, has_nulls=True),
        replace(fitted, edges=(*edges, 9.0)),
    ):
        with pytest.raises(SchemaError, match="'x' must have"):
            check_buckets(field)


def test_codes_that_cannot_be():
    field = NumericField("x", "log_square", edges=(0.0, 300.0), num_features=3)

    with pytest.raises(SchemaError, match="codes of field 'x' must be up to 258"):
        check_buckets(field)
