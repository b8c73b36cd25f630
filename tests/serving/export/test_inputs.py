"""What a file says it takes."""

import json

import polars as pl
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.serving.export.inputs import describe, describe_fields, new_name


def test_every_field_of_every_kind(encoder):
    found = {each.field: each for each in describe_fields(encoder)}

    assert list(found) == list(encoder.schema.names)
    types = {name: each.type for name, each in found.items()}
    assert types == {
        **dict.fromkeys(("site", "day", "tags"), "string"),
        **dict.fromkeys(("user", "history", "is_new"), "int64"),
        **dict.fromkeys(("depth", "price", "age", "rank", "hour", "version"), "double"),
        "device": "uint64",
        "text": "float",
    }
    assert found["site"].names == ["site", "site.is_null"]
    assert found["tags"].names == ["tags", "tags.is_null", "tags.lengths"]
    # A vocabulary of floats says null with NaN, and so do numbers.
    assert found["version"].names == ["version"]
    assert found["version"].null == "NaN"
    assert found["text"].width == 3
    assert found["age"].null == "NaN, the same as the mean"
    assert found["depth"].null == "NaN"


def test_names_that_collide():
    taken = {"a"}

    assert [new_name(name, taken) for name in ("a", "a", "b", "")] == [
        *("a_", "a__", "b", "_")
    ]


def encoder_of(names, values):
    vocabulary = Vocabulary(pl.Series(values), pl.Series([1] * len(values)), "string")
    fields = tuple(
        CategoricalField(name, num_features=len(values) + 1, value_type="string")
        for name in names
    )
    return Encoder(Schema(fields), dict.fromkeys(names, vocabulary))


def test_a_column_keeps_its_name_before_flags_of_others():
    encoder = encoder_of(["site", "site.is_null"], ["x", None])

    first, second = describe_fields(encoder)

    assert first.names == ["site", "site.is_null_"]
    assert second.names == ["site.is_null", "site.is_null.is_null"]


@pytest.mark.parametrize(
    ("values", "value_type", "dtype", "unseen"),
    [
        (["?", "a", "??", None], "string", pl.String, "???"),
        ([-1, -3, 5], "int", pl.Int64, -2),
        ([0, 1, 2**64 - 1], "uint", pl.UInt64, 2),
        ([0.0, 0.5], "float", pl.Float64, 1),
        ([True, False], "bool", pl.Boolean, -1),
        ([], "int", pl.Int64, -1),
    ],
)
def test_a_value_that_is_not_in_the_vocabulary(values, value_type, dtype, unseen):
    series = pl.Series(values, dtype=dtype)
    vocabulary = Vocabulary(
        series, pl.Series([1] * len(values), dtype=pl.Int64), value_type
    )
    field = CategoricalField(
        "f", num_features=vocabulary.num_features, value_type=value_type
    )

    (found,) = describe_fields(Encoder(Schema((field,)), {"f": vocabulary}))

    assert found.unseen == unseen
    assert type(found.unseen) is type(unseen)


def test_metadata_is_json():
    encoder = encoder_of(["site"], ["x", None])
    schema = Schema(encoder.schema.fields, (Label("click", "binary", positive=1),))

    found = describe(
        describe_fields(encoder),
        schema,
        values=["probability"],
        logits=["logit"],
        details={"system": "lr"},
    )

    assert json.loads(found["fieldwise.outputs"]) == [
        {"label": "click", "kind": "binary", "value": "probability", "logit": "logit"}
    ]
    (field,) = json.loads(found["fieldwise.inputs"])
    assert field["is_null"] == "site.is_null"
    assert "lengths" not in field
    assert json.loads(found["fieldwise.system"]) == "lr"
