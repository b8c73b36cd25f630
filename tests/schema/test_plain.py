"""Reading dataclasses from plain types."""

import math
from typing import Literal

import pytest

from fieldwise.errors import SchemaError
from fieldwise.schema import Label, NumericField, VectorField
from fieldwise.schema._plain import fits, read_plain


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        (1, int, True),
        (True, int, False),
        (1.0, int, False),
        (1, float, True),
        (False, float, False),
        (None, int | None, True),
        ("a", int | None, False),
        ("a", Literal["a", "b"] | None, True),
        ("c", Literal["a", "b"], False),
        (["a"], Literal["a", "b"], False),
        ((), tuple[float, ...], True),
        ((1, 2.5), tuple[float, ...], True),
        ((1, "2"), tuple[float, ...], False),
        (1.0, tuple[float, ...], False),
        (True, bool, True),
        (1, bool, False),
    ],
)
def test_fits(value, hint, expected):
    assert fits(value, hint) == expected


def test_reads_what_is_there_and_defaults_the_rest():
    assert read_plain(Label, {"name": "click"}) == Label("click")


def test_whole_numbers_become_floats_where_floats_belong():
    entry = {"name": "age", "center": 40, "edges": [1, 2.5], "num_buckets": 8}

    field = read_plain(NumericField, entry)

    assert field == NumericField("age", center=40.0, edges=(1.0, 2.5), num_buckets=8)
    assert isinstance(field.center, float)
    assert isinstance(field.edges[0], float)
    assert isinstance(field.num_buckets, int)
    assert isinstance(read_plain(Label, {"name": "x", "positive": 1}).positive, int)


def test_problems_are_listed_together():
    with pytest.raises(
        SchemaError,
        match="VectorField must have its entries: 'dim' is unknown, 'name' is "
        "missing, 'vector_dim' is 'x'",
    ):
        read_plain(VectorField, {"dim": 3, "vector_dim": "x"})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
def test_a_number_is_finite(value):
    assert not fits(value, float)
    assert not fits(value, float | None)
