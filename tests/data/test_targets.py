"""Labels of every type: which value is positive, and what a model learns from."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from fieldwise.data.columns import read_numbers
from fieldwise.data.targets import LabelStudy, is_positive, read_label
from fieldwise.errors import SchemaError
from fieldwise.schema import Label

NAN = float("nan")


def learn(label, column, chunk_rows=2):
    study = LabelStudy(label, column.dtype)
    frame = column.alias(label.name).to_frame()
    for start in range(0, len(frame), chunk_rows):
        study.add(frame.slice(start, chunk_rows))
    return study.learn(read_numbers(column) if study.may_be_real else None)


def read(label, values, dtype=None):
    return read_label(label, pl.Series(label.name, values, dtype=dtype)).tolist()


BINARY = [
    ([0, 1, 1, None], pl.Int64, 1),
    ([0, 1, 1, None], pl.UInt8, 1),
    ([-1, 1, 1, None], pl.Int8, 1),
    ([0.0, 1.0, 1.0, NAN], pl.Float64, 1.0),
    ([0.0, 1.0, 1.0, None], pl.Float32, 1.0),
    ([0.1, 0.2, 0.2, None], pl.Float32, 0.2),
    ([Decimal("0.00"), Decimal("1.00"), Decimal("1.00"), None], pl.Decimal(5, 2), 1.0),
    ([Decimal(0), Decimal(1), Decimal(1), None], pl.Decimal(5, 0), 1.0),
    ([False, True, True, None], pl.Boolean, True),
    (["no", "yes", "yes", None], pl.String, "yes"),
    (["0", "1", "1", None], pl.String, "1"),
    (["no", "yes", "yes", None], pl.Categorical, "yes"),
    (["<=50K", ">50K", ">50K", None], pl.Enum([">50K", "<=50K"]), ">50K"),
]


@pytest.mark.parametrize(("values", "dtype", "positive"), BINARY)
@pytest.mark.parametrize("kind", [None, "binary"])
def test_binary_labels_of_any_type(values, dtype, positive, kind):
    column = pl.Series("y", values, dtype=dtype)
    label = learn(Label("y", kind), column)
    assert (label.kind, label.positive) == ("binary", positive)
    np.testing.assert_array_equal(read_label(label, column), [0, 1, 1, np.nan])


@pytest.mark.parametrize(
    ("positive", "columns"),
    [
        (
            1,
            [[0, 1], [False, True], [0.0, 1.0], ["0", "1"], ["0.0", "1.0"], ["x", "1"]],
        ),
        (1.0, [[0, 1], [False, True], [0.0, 1.0], ["0", "1"], ["x", "1.0"]]),
        (True, [[0, 1], [False, True], [0.0, 1.0], ["false", "True"], ["0", "1"]]),
        ("1", [[0, 1], [0.0, 1.0], ["0", "1"]]),
        ("true", [[False, True], ["false", "true"]]),
    ],
)
def test_positive_in_a_column_of_another_type(positive, columns):
    label = Label("y", "binary", positive=positive)
    for values in columns:
        assert read(label, values) == [0, 1]
    np.testing.assert_array_equal(read(label, [None, None], pl.Null), [np.nan] * 2)
    np.testing.assert_array_equal(read(label, [NAN, None, 0.0]), [np.nan, np.nan, 0])


def test_any_other_value_is_negative():
    label = Label("y", "binary", positive="buy")
    assert read(label, ["buy", "view", ""]) == [1, 0, 0]


def test_positive_given_among_many_values():
    column = pl.Series("y", ["view", "cart", "buy", "view", None])
    label = learn(Label("y", positive="buy"), column)
    assert (label.kind, label.positive) == ("binary", "buy")


def test_is_positive_keeps_nulls():
    frame = pl.DataFrame({"y": [1, 0, None]})
    found = frame.select(is_positive(Label("y", "binary", 1), frame.schema["y"]))
    assert found["y"].to_list() == [True, False, None]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([2, 4, None, 6], pl.Int8),
        ([2.0, 4.0, NAN, 6.0], pl.Float64),
        ([Decimal(2), Decimal(4), None, Decimal(6)], pl.Decimal(9, 2)),
        ([Decimal(2), Decimal(4), None, Decimal(6)], pl.Decimal(9, 0)),
    ],
)
def test_real_labels_by_hand(values, dtype):
    column = pl.Series("y", values, dtype=dtype)
    label = learn(Label("y"), column)
    # Mean 4, variance (4 + 0 + 4) / 3
    assert (label.kind, label.center) == ("real", 4)
    assert label.scale == pytest.approx((8 / 3) ** 0.5)
    expected = [-2 / label.scale, 0, np.nan, 2 / label.scale]
    np.testing.assert_allclose(read_label(label, column), expected)


def test_real_label_of_text_when_asked_for():
    label = learn(Label("y", "real"), pl.Series("y", ["1.5", "2.5"]))
    assert (label.center, label.scale) == (2, 0.5)
    assert read(label, [2.5]) == [1]


@pytest.mark.parametrize("value", [0.0, 3.0, 1e9 + 0.1])
def test_constant_real_label_is_not_divided_by_zero(value):
    label = learn(Label("y", "real"), pl.Series("y", [value] * 3))
    assert label.scale == 1
    assert read(label, [value]) == pytest.approx([0], abs=1e-6)


def test_classes_may_come_in_different_chunks():
    column = pl.Series("y", [0, 0, 0, 0, 1])
    assert learn(Label("y"), column, chunk_rows=2).positive == 1
    assert learn(Label("y", "binary", 1), column, chunk_rows=2).positive == 1


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_chunks_do_not_matter(chunk_rows):
    column = pl.Series("y", [5, 3, 4, 3, 5, 9])
    assert learn(Label("y"), column, chunk_rows) == learn(Label("y"), column, 6)


@pytest.mark.parametrize(
    ("label", "values", "message"),
    [
        (Label("y"), [1, 1, None], "'y' must have two classes"),
        (Label("y"), [None, None], "'y' must have .* only nulls"),
        (Label("y"), ["a", "b", "c"], "'y' must have two classes or be a number"),
        (Label("y", "binary"), [1, 2, 3], "must have two values to be binary.*1, 2, 3"),
        (Label("y", "binary", 1), [0, 0], "'y' must have two classes .* of them 1"),
        (Label("y", "binary", 1), [1, 1], "'y' must have two classes .* of them 1"),
        (Label("y", "binary", "buy"), [0, 1], "two classes .* of them 'buy'"),
        (Label("y", "real"), [None, NAN], "'y' must have values"),
        (Label("y"), [1.0, 2.0, float("inf")], "'y' must be finite"),
        (Label("y", "real"), ["1", "old"], "'y' must hold numbers, got 'old'"),
    ],
)
def test_labels_that_cannot_be_learned(label, values, message):
    with pytest.raises(SchemaError, match=message):
        learn(label, pl.Series("y", values))


def test_infinite_labels_are_refused_later_too():
    with pytest.raises(SchemaError, match="'y' must be finite"):
        read(Label("y", "real"), [1.0, float("-inf")])
