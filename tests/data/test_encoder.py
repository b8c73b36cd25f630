"""What the encoder learns of training rows, and of no others."""

import tempfile
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from fieldwise.data import encoder as encoder_module
from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

FRAME = pl.DataFrame(
    {
        "site": ["b", "a", "b", "rare", None, "a", None, "b"],
        "hour": [9, 9, 8, 8, 9, 7, None, 9],
        "age": [1, 1, 2, 2, None, 3, 4, 5],
        "pay": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
        "tags": [["x", "y"], [], None, ["y"], ["x", None], ["z"], ["x"], ["y", "x"]],
        "text": [[1.0, 2.0]] * 7 + [None],
        "click": [0, 1, 0, 0, 1, 0, 0, 0],
        "money": [1.0, 3.0, None, 1.0, 3.0, 1.0, 3.0, None],
    }
)
SCHEMA = Schema(
    (
        SequenceField("tags"),
        CategoricalField("site"),
        NumericField("age", encoding="log_square"),
        VectorField("text"),
        NumericField("pay", encoding="ple", num_buckets=4),
        CategoricalField("hour", min_count=1, max_size=2),
    ),
    (Label("click"), Label("money", "real")),
)


def fit(frame=FRAME, schema=SCHEMA):
    return Encoder.fit(frame.lazy(), schema)


def test_everything_by_hand():
    encoder = fit()
    schema = encoder.schema

    assert schema.is_fitted
    # b three times; a and null twice, null last; "rare" is unknown.
    assert encoder.vocabularies["site"].values.to_list() == ["b", "a", None]
    assert encoder.vocabularies["site"].counts.tolist() == [1, 3, 2, 2]
    # 9 four times, 8 twice; 7 and null do not fit.
    assert encoder.vocabularies["hour"].values.to_list() == [9, 8]
    # x four times; y and null (two rows without items, one null item) three times.
    assert encoder.vocabularies["tags"].values.to_list() == ["x", "y", None]
    assert encoder.vocabularies["tags"].counts.tolist() == [1, 4, 3, 3]
    # Codes 1 and 2 twice; 3, 4 and 5 have the codes 4, 4 and 5: the last is rare.
    assert schema["age"].edges == (1.0, 2.0, 4.0)
    assert schema["age"].num_features == 1 + 3 + 1
    assert schema["pay"].low == 0
    assert schema["pay"].high == 7
    assert len(schema["pay"].edges) == 5
    assert schema["text"].vector_dim == 2
    assert schema.labels[0].positive == 1
    # Mean of 1, 3, 1, 3, 1, 3
    assert (schema.labels[1].center, schema.labels[1].scale) == (2, 1)


def test_counts_stand_in_table_order():
    encoder = fit()
    schema = encoder.schema
    # Index fields in schema order first, then sequences: site, age, hour, tags.
    assert schema.table_sizes == (4, 5, 3, 4)
    assert encoder.counts().tolist() == [
        *[1, 3, 2, 2],
        *[1] * 5,
        *[2, 4, 2],
        *[1, 4, 3, 3],
    ]
    assert len(encoder.counts()) == schema.num_features


def test_counts_without_a_table():
    encoder = fit(schema=Schema((NumericField("pay"),)))
    assert encoder.counts().shape == (0,)


def test_only_the_given_rows_count():
    encoder = Encoder.fit(
        FRAME.lazy().filter(pl.col("site") == "a"), Schema(SCHEMA.fields)
    )
    assert encoder.vocabularies["site"].values.to_list() == ["a"]
    assert encoder.schema["pay"].high == 5


@pytest.mark.parametrize("chunk_rows", [1, 3, 1000])
def test_chunks_and_order_do_not_matter(monkeypatch, chunk_rows):
    expected = fit()
    monkeypatch.setattr(encoder_module, "CHUNK_ROWS", chunk_rows)
    for seed in range(3):
        found = fit(FRAME.sample(fraction=1, shuffle=True, seed=seed))
        for name, vocabulary in expected.vocabularies.items():
            assert found.vocabularies[name].to_frame().equals(vocabulary.to_frame())
        assert found.schema["age"] == expected.schema["age"]
    assert fit().schema == expected.schema


def test_counts_on_disk_do_not_matter(monkeypatch, tmp_path):
    expected = fit()
    monkeypatch.setattr(encoder_module, "CHUNK_ROWS", 3)
    monkeypatch.setattr(encoder_module, "MAX_COUNT_BYTES", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = fit()
    for name, vocabulary in expected.vocabularies.items():
        assert found.vocabularies[name].to_frame().equals(vocabulary.to_frame())
    assert found.schema == expected.schema
    # Also after an error: here the label has one class.
    with pytest.raises(SchemaError):
        fit(FRAME.with_columns(click=pl.lit(1)))
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_rows(monkeypatch):
    monkeypatch.setattr(encoder_module, "CHUNK_ROWS", 3)
    seen = []
    Encoder.fit(FRAME.lazy(), SCHEMA, progress=seen.append)
    assert sum(seen) == 8
    assert len(seen) == 3


def test_each_row_is_read_once():
    frame = FRAME.lazy().map_batches(lambda part: seen.append(len(part)) or part)
    for schema in (SCHEMA, replace(SCHEMA, labels=())):
        seen = []
        Encoder.fit(frame, schema)
        assert sum(seen) == 8


def test_fitting_again_changes_nothing():
    once = fit()
    again = fit(schema=once.schema)
    assert again.schema == once.schema


def test_fitting_on_other_rows_learns_them():
    once = fit()
    other = fit(FRAME.with_columns(site=pl.col("hour").cast(pl.Int16)), once.schema)
    assert other.schema["site"].value_type == "int"
    assert other.vocabularies["site"].values.to_list() == [9, 8]


def test_values_have_the_type_of_the_training_column():
    types = {name: fit().schema[name].value_type for name in ("site", "hour", "tags")}
    assert types == {"site": "string", "hour": "int", "tags": "string"}


def test_extra_columns_are_not_even_read():
    def fail(_):
        message = "read"
        raise RuntimeError(message)

    trap = pl.col("site").map_elements(fail, return_dtype=pl.String)
    Encoder.fit(FRAME.lazy().with_columns(extra=trap), SCHEMA)


def test_a_field_may_be_null_throughout():
    nothing = FRAME.with_columns(
        site=pl.lit(None), age=pl.lit(None), pay=pl.lit(None), tags=pl.lit(None)
    )
    encoder = fit(nothing)
    assert encoder.vocabularies["site"].values.to_list() == [None]
    assert encoder.vocabularies["tags"].counts.tolist() == [0, 8]
    assert encoder.schema["age"].num_features == 2
    assert encoder.schema["pay"].edges == ()


@pytest.mark.parametrize("dtype", [pl.List(pl.Float32), pl.Array(pl.Float64, 2)])
@pytest.mark.parametrize("vector_dim", [None, 2])
def test_vector_length_is_learned_or_confirmed(dtype, vector_dim):
    schema = Schema((VectorField("text", vector_dim=vector_dim),))
    encoder = fit(FRAME.with_columns(pl.col("text").cast(dtype)), schema)
    assert encoder.schema["text"].vector_dim == 2


@pytest.mark.parametrize(
    ("vectors", "vector_dim", "message"),
    [
        (
            [[1.0], [1.0, 2.0]],
            None,
            r"'text' must have lists of one length, .* \[1, 2\]",
        ),
        ([[1.0], [2.0]], 2, r"'text' must have lists of length 2, .* \[1\]"),
        ([[], []], None, r"'text' must have lists of one length, .* \[0\]"),
        ([None, None], None, r"'text' must have lists of one length, .* \[\]"),
    ],
)
def test_vectors_of_an_unclear_length(vectors, vector_dim, message):
    frame = pl.DataFrame({"text": pl.Series(vectors, dtype=pl.List(pl.Float64))})
    with pytest.raises(SchemaError, match=message):
        fit(frame, Schema((VectorField("text", vector_dim=vector_dim),)))


def test_a_null_column_is_no_vector():
    with pytest.raises(SchemaError, match=r"got lengths \[\]"):
        fit(pl.DataFrame({"text": [None]}), Schema((VectorField("text"),)))


def test_no_rows():
    with pytest.raises(DataError, match="frame must have training rows, got none"):
        fit(FRAME.head(0))


def test_all_missing_columns_are_named():
    with pytest.raises(SchemaError, match=r"'site' is missing.*'click' is missing"):
        fit(FRAME.drop("site", "click"))


def test_text_that_is_no_number():
    broken = FRAME.with_columns(pay=pl.lit("much"))
    with pytest.raises(SchemaError, match="column 'pay' must hold numbers, got 'much'"):
        fit(broken)


def test_one_class():
    with pytest.raises(SchemaError, match="'click' must have two classes"):
        fit(FRAME.filter(pl.col("click") == 0))


def test_schema_and_vocabularies_must_agree():
    encoder = fit()
    others = encoder.vocabularies | {"site": encoder.vocabularies["tags"]}
    Encoder(encoder.schema, others)  # as large and of the same type
    wrong = {
        "size": encoder.vocabularies["hour"],
        "type": Vocabulary(pl.Series([1, 2, 3]), pl.Series([1, 1, 1]), "int"),
    }
    for vocabulary in wrong.values():
        with pytest.raises(SchemaError, match=r"got others for \['site'\]"):
            Encoder(encoder.schema, encoder.vocabularies | {"site": vocabulary})
    with pytest.raises(SchemaError, match=r"got others for \['age'\]"):
        Encoder(encoder.schema, encoder.vocabularies | {"age": wrong["size"]})
    with pytest.raises(SchemaError, match=r"\['hour', 'site', 'tags'\]"):
        Encoder(encoder.schema, {})


def test_schema_must_be_fitted():
    with pytest.raises(SchemaError, match=r"fields must be fitted, got \['site'"):
        Encoder(Schema((CategoricalField("site"),)), {})


def test_large_numbers_do_not_meet_in_a_vocabulary():
    # Neighbours that are one number as floats.
    values = pl.Series([2**53, 2**53 + 1, 2**53 + 2])
    huge = pl.Series([2**63 + 5, 2**63 + 6, 2**63 + 7], dtype=pl.UInt64)
    schema = Schema(
        (CategoricalField("a", min_count=1), CategoricalField("b", min_count=1))
    )
    encoder = fit(pl.DataFrame({"a": values, "b": huge}), schema)
    for name, column in (("a", values), ("b", huge)):
        found = encoder.vocabularies[name].encode(column)
        assert found.tolist() == [1, 2, 3]
        assert np.array_equal(
            encoder.vocabularies[name].encode(column.cast(pl.String)), found
        )
