"""Every part is encoded by what the training part taught."""

import polars as pl
import pytest

from fieldwise.data.encoded_parts import encode_parts
from fieldwise.data.parts import divide
from fieldwise.data.splits import ColumnSplit
from fieldwise.errors import SchemaError
from fieldwise.schema import CategoricalField, Label, Schema

SCHEMA = Schema((CategoricalField("site", min_count=1),), labels=(Label("click"),))
PARTS = ["train"] * 4 + ["valid"] * 2 + ["test"] * 2
TABLE = pl.LazyFrame(
    {
        "site": ["a", "b", "a", "b", "a", "new", "new", "new"],
        "click": [0, 1, 0, 1, 0, 1, 1, 0],
        "split": PARTS,
    }
)


def test_values_outside_training_are_unknown(tmp_path):
    encoded = encode_parts(divide(TABLE, ColumnSplit("split")), SCHEMA, tmp_path)

    assert list(encoded.datasets) == ["train", "valid", "test"]
    # a and b are rows 1 and 2 of the table; "new" never stood in training.
    assert encoded.datasets["valid"].batch(slice(None)).indices.tolist() == [[1], [0]]
    assert encoded.unknown_shares == {
        "train": {"site": 0.0},
        "valid": {"site": 0.5},
        "test": {"site": 1.0},
    }


def test_fingerprint_tells_parts_tables_and_settings_apart(tmp_path):
    parts = divide(TABLE, ColumnSplit("split"))
    other = Schema((CategoricalField("site", min_count=2),), labels=SCHEMA.labels)

    found = [
        encode_parts(parts, schema, tmp_path / str(number), fingerprint=data)
        for number, (schema, data) in enumerate(
            [(SCHEMA, "x"), (SCHEMA, "y"), (other, "x")]
        )
    ]

    prints = [each for encoded in found for each in encoded.fingerprints().values()]
    assert len(set(prints)) == 9


def test_one_class_in_training(tmp_path):
    parts = divide(TABLE.with_columns(click=0), ColumnSplit("split"))

    with pytest.raises(SchemaError, match="click"):
        encode_parts(parts, SCHEMA, tmp_path)
