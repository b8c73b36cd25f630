"""Labels guessed from their values."""

from datetime import date
from decimal import Decimal

import pytest

from fieldwise.errors import SchemaError
from fieldwise.schema import Label
from fieldwise.schema.labels import guess_label


@pytest.mark.parametrize(
    ("values", "dtype", "positive"),
    [
        ([1, 0], "int", 1),
        ([0, 1], "uint", 1),
        ([-1, 1], "int", 1),
        ([2, 1], "int", 2),
        ([1.0, 0.0, None, float("nan")], "float", 1.0),
        ([Decimal("0"), Decimal("2.5")], "decimal", 2.5),
        ([True, False], "bool", True),
        (["0", "1"], "string", "1"),
        # in alphabetical order "+1" < "-1" and "10" < "9"
        (["-1", "+1"], "string", "+1"),
        (["9", "10"], "string", "10"),
        (["yes", "no"], "string", "yes"),
        (["Yes", "no"], "string", "Yes"),
        (["n", "y"], "string", "y"),
        (["f", "t"], "string", "t"),
        (["False", "True"], "string", "True"),
        (["pos", "neg"], "string", "pos"),
        # words that the alphabet orders the other way round
        (["fraud", "no"], "string", "fraud"),
        (["negative", "affected"], "string", "affected"),
        (["positive", "unknown"], "string", "positive"),
        (["<=50K", ">50K"], "string", ">50K"),
        (["good", "bad"], "string", "good"),
        (["B", "a"], "string", "B"),
    ],
)
def test_positive_value(values, dtype, positive):
    label = guess_label("click", values, dtype)
    backwards = guess_label("click", values[::-1], dtype)

    assert label == backwards == Label("click", "binary", positive)
    assert type(label.positive) is type(positive)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2, 3], "int"),
        ([0.5, 1.5, 2.0], "float"),
        ([Decimal(i) for i in "123"], "decimal"),
    ],
)
def test_more_than_two_numbers_are_real(values, dtype):
    assert guess_label("rating", values, dtype) == Label("rating", "real")


@pytest.mark.parametrize(
    ("values", "dtype", "message"),
    [
        ([0, 0], "int", "label 'click' must have two classes, got only 0"),
        (["no", None], "string", "label 'click' must have two classes, got only 'no'"),
        (
            [None, float("nan")],
            "float",
            "label 'click' must have values, got only null",
        ),
        ([], "string", "must have values, got only nulls"),
        (["c", "a", "b"], "string", "texts 'a', 'b', 'c'. Make it binary"),
        ([[1], [2]], "list[int]", r"numbers, text or booleans, got list\[int\]"),
        ([date(2020, 1, 1)], "date", "numbers, text or booleans, got date"),
        # as the encoder asks, which knows types of vocabularies only
        ([date(2020, 1, 1)], "string", "numbers, text or booleans, got date"),
        ([], "other", "got other"),
    ],
)
def test_impossible_labels(values, dtype, message):
    with pytest.raises(SchemaError, match=message):
        guess_label("click", values, dtype)
