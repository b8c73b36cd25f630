"""What the user says in place of a guess."""

import pytest

from fieldwise.errors import SchemaError
from fieldwise.schema import (
    CategoricalField,
    NumericField,
    SequenceField,
    VectorField,
)
from fieldwise.schema.overrides import apply_override
from fieldwise.schema.profile import ColumnProfile

INTEGER = ColumnProfile("x", "int", 10, 0)
TEXT = ColumnProfile("x", "string", 10, 0)
LIST = ColumnProfile("x", "list[int]", 10, 0)
FLOATS = ColumnProfile("x", "list[float]", 10, 0)
STRUCT = ColumnProfile("x", "other", 10, 0, native_type="Struct({'a': Int64})")
GUESSED = CategoricalField("x", min_count=3)


@pytest.mark.parametrize(
    ("profile", "override", "field"),
    [
        (INTEGER, "numeric", NumericField("x")),
        (INTEGER, "ignored", None),
        (INTEGER, {"kind": "ignored"}, None),
        (INTEGER, "categorical", GUESSED),
        (
            INTEGER,
            {"kind": "numeric", "encoding": "quantile"},
            NumericField("x", encoding="quantile"),
        ),
        (INTEGER, {"min_count": 5}, CategoricalField("x", min_count=5)),
        (INTEGER, {"max_size": None}, GUESSED),
        (INTEGER, {}, GUESSED),
        (INTEGER, NumericField("x", num_buckets=4), NumericField("x", num_buckets=4)),
        (TEXT, "numeric", NumericField("x")),
        (LIST, {"kind": "sequence", "max_length": 5}, SequenceField("x", max_length=5)),
        (LIST, "vector", VectorField("x")),
        (FLOATS, {"kind": "vector", "vector_dim": 4}, VectorField("x", 4)),
    ],
)
def test_replaces_the_guess(profile, override, field):
    assert apply_override(profile, GUESSED, override) == field


def test_a_kind_makes_a_field_of_an_ignored_column():
    assert apply_override(INTEGER, None, "numeric") == NumericField("x")


def test_a_column_of_nulls_can_be_anything():
    nulls = ColumnProfile("x", "other", 10, 10)

    assert apply_override(nulls, None, "sequence") == SequenceField("x")


@pytest.mark.parametrize(
    ("profile", "override", "message"),
    [
        (
            INTEGER,
            "number",
            "one of the kinds 'categorical', .*'ignored', got 'number'",
        ),
        (INTEGER, {"kind": 3}, "one of the kinds .* got 3"),
        (INTEGER, {"kind": "ignored", "min_count": 2}, "one of the kinds"),
        (
            INTEGER,
            {"kind": "numeric", "min_count": 2, "buckets": 3},
            r"field, \['encoding', 'num_buckets'\], got \['min_count', 'buckets'\]",
        ),
        (INTEGER, {"num_features": 9}, r"got \['num_features'\]"),
        (INTEGER, {"min_count": "5"}, "must have one integer as min_count, got '5'"),
        (INTEGER, {"min_count": None}, "must have one integer as min_count, got None"),
        (INTEGER, {"min_count": True}, "must have one integer as min_count, got True"),
        (INTEGER, {"min_count": 0}, "'x' is wrong: min_count must be positive, got 0"),
        (INTEGER, {"kind": "numeric", "encoding": 3}, "one of .* as encoding, got 3"),
        (INTEGER, {"kind": "numeric", "encoding": "log"}, "as encoding, got 'log'"),
        (INTEGER, NumericField("y"), "of 'x' must have that name, got 'y'"),
        (LIST, "numeric", r"a numeric field is .*, got list\[int\]"),
        (INTEGER, "sequence", "a sequence field is .*, got int"),
        (TEXT, "vector", "a vector field is .*, got string"),
        (STRUCT, "categorical", "got Struct"),
    ],
)
def test_refused(profile, override, message):
    with pytest.raises(SchemaError, match=message):
        apply_override(profile, GUESSED, override)


def test_settings_alone_need_a_guess():
    with pytest.raises(SchemaError, match=r"must have a kind, because .* no field"):
        apply_override(INTEGER, None, {"min_count": 2})
