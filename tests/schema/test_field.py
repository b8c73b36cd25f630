"""Fields and labels: settings that are refused, and when one counts as fitted."""

import dataclasses

import pytest

from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    SequenceField,
    VectorField,
)
from fieldwise.schema.field import BUCKET_ENCODINGS, FIELD_KINDS, NUMERIC_ENCODINGS


@pytest.mark.parametrize(
    ("bare", "fitted"),
    [
        (
            CategoricalField("site"),
            CategoricalField("site", num_features=3, value_type="string"),
        ),
        (NumericField("age"), NumericField("age", center=30.0, scale=9.0)),
        (
            NumericField("age", encoding="quantile"),
            NumericField("age", encoding="quantile", num_features=8),
        ),
        (
            SequenceField("items"),
            SequenceField("items", num_features=3, value_type="int"),
        ),
        (VectorField("text"), VectorField("text", vector_dim=4)),
    ],
)
def test_is_fitted_once_the_learned_part_is_there(bare, fitted):
    assert not bare.is_fitted
    assert fitted.is_fitted


def test_a_vocabulary_without_a_value_type_is_not_fitted():
    assert not CategoricalField("site", num_features=3).is_fitted
    assert not SequenceField("items", num_features=3).is_fitted


def test_centre_of_a_bucketed_number_does_not_count():
    assert not NumericField("age", encoding="log_square", center=1.0).is_fitted


@pytest.mark.parametrize("encoding", NUMERIC_ENCODINGS)
def test_buckets_are_told_from_floats(encoding):
    field = NumericField("age", encoding=encoding)

    assert field.is_bucketed == (encoding in BUCKET_ENCODINGS)


def test_every_kind_is_registered_under_its_name():
    assert list(FIELD_KINDS) == ["categorical", "numeric", "sequence", "vector"]
    assert all(kind.kind == name for name, kind in FIELD_KINDS.items())


def test_fields_are_frozen_and_hashable():
    field = CategoricalField("site")

    with pytest.raises(dataclasses.FrozenInstanceError):
        field.min_count = 5
    assert {field: 1}[CategoricalField("site")] == 1


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (CategoricalField, {"min_count": 0}, "min_count must be positive, got 0"),
        (CategoricalField, {"max_size": -1}, "max_size must be positive, got -1"),
        (CategoricalField, {"num_features": 0}, "num_features must be positive"),
        (SequenceField, {"max_length": 0}, "max_length must be positive, got 0"),
        (SequenceField, {"max_length": 2**31}, "max_length must be at most 2147483647"),
        (SequenceField, {"min_count": -2}, "min_count must be positive, got -2"),
        (NumericField, {"encoding": "log"}, "encoding must be one of 'standard'"),
        (NumericField, {"num_buckets": 0}, "num_buckets must be positive, got 0"),
        (NumericField, {"scale": 0.0}, r"scale must be positive, got 0\.0"),
        (VectorField, {"vector_dim": 0}, "vector_dim must be positive, got 0"),
        (Label, {"scale": 0.0}, r"scale must be positive, got 0\.0"),
    ],
)
def test_impossible_settings(kind, settings, message):
    with pytest.raises(ValueError, match=message):
        kind("x", **settings)


@pytest.mark.parametrize(
    ("label", "is_fitted"),
    [
        (Label("click"), False),
        (Label("click", "binary"), False),
        (Label("click", "binary", positive=0), True),
        (Label("rating", "real"), True),
    ],
)
def test_label_is_fitted_when_its_positive_value_is_known(label, is_fitted):
    assert label.is_fitted == is_fitted
