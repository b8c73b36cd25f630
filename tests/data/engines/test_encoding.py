"""The queries of an engine lead to the very bytes that ``encode_parts`` writes."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from fieldwise.data import counting
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder_storage import read_encoder
from fieldwise.data.engines import learning
from fieldwise.data.engines.encoding import encode_on_engine
from fieldwise.data.readers import read_table
from fieldwise.data.splits import ColumnSplit, GroupSplit, RandomSplit, TimeSplit
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

SMALL = pl.DataFrame({"site": ["b", "a", "b", None, "c"], "click": [0, 1, 0, 1, 0]})
SITE = Schema((CategoricalField("site", min_count=1),), labels=(Label("click"),))

FEW = (CategoricalField("rare"), NumericField("depth"))


def test_by_hand(make_polars, tmp_path):
    # Rows 0, 1, 2 and 4 train: b twice, a and c once, null never.
    table = SMALL.with_columns(part=pl.Series(["train"] * 3 + ["valid", "train"]))
    encoded = encode_on_engine(make_polars(table), SITE, tmp_path / "x", split="part")

    assert encoded.encoder.vocabularies["site"].values.to_list() == ["b", "a", "c"]
    assert encoded.encoder.vocabularies["site"].counts.tolist() == [0, 2, 1, 1]
    train, valid = encoded.datasets["train"], encoded.datasets["valid"]
    assert train.batch(slice(None)).indices[:, 0].tolist() == [1, 2, 1, 3]
    assert train.labels[:, 0].tolist() == [0, 1, 0, 0]
    assert valid.batch(slice(None)).indices[:, 0].tolist() == [0]
    assert encoded.unknown_shares == {"train": {"site": 0.0}, "valid": {"site": 1.0}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"seed": 7},
        {"split": RandomSplit(valid=0.2, test=0.1, seed=3)},
        {"split": RandomSplit(valid=0.0, test=0.2)},
        {"split": TimeSplit("day", valid=0.3)},
        {"split": GroupSplit("query", valid=0.2, test=0.2)},
        {"split": "part"},
        {"split": ColumnSplit("part", train=("test",), test=("train",))},
    ],
    ids=str,
)
def test_bytes_of_every_split(
    files, full_schema, make_polars, expected, found, settings
):
    result = found(make_polars([str(files)]), full_schema, **settings)

    assert result == expected([str(files)], full_schema, **settings)


@pytest.mark.parametrize(
    "changes",
    [
        {"group": None, "weight": None},
        {"group": "whole", "time": "moment"},
        {"group": "site", "time": "code"},
        {"group": "code"},
        {"group": "moment"},
        {"fields": (SequenceField("tags", min_count=1, max_size=2),)},
        {"fields": (VectorField("array"),)},
        {"fields": (NumericField("yes"), NumericField("price", "quantile"))},
        {"fields": (CategoricalField("zoned", max_size=1),)},
        {"fields": (CategoricalField("rare", min_count=100),)},
        {"fields": FEW, "labels": (Label("rank", positive=3), Label("number"))},
        {"fields": FEW, "labels": (Label("text", "real"), Label("pay"))},
        {"fields": FEW, "labels": (Label("yes"), Label("site", positive="é"))},
        {"fields": FEW, "labels": (Label("half"), Label("yes", "binary"))},
    ],
    ids=str,
)
def test_bytes_of_every_schema(
    files, full_schema, make_polars, expected, found, changes
):
    schema = replace(full_schema, **changes)

    result = found(make_polars([str(files)]), schema)

    assert result == expected([str(files)], schema)


@pytest.mark.parametrize("num_rows", [1250, 2500, 4100])
def test_bytes_of_a_sample(num_rows, make_polars, expected, found, monkeypatch):
    for module in (counting, learning):
        monkeypatch.setattr(module, "SAMPLE_CELLS", 0)  # a thousand rows at most
    numbers = np.random.default_rng(0).normal(size=num_rows)
    rare = [None, *numbers[1:]]
    table = pl.DataFrame({"x": rare, "y": numbers, "z": numbers * 3})
    schema = Schema(
        (NumericField("x"), NumericField("y", "quantile")), (Label("z", "real"),)
    )

    result = found(make_polars(table), schema)

    assert result == expected(table, schema)


def test_step_is_that_of_a_sample(monkeypatch):
    monkeypatch.setattr(learning, "MAX_SAMPLE", 10)
    for num_rows in (1, 9, 10, 11, 20, 21, 40, 79, 80, 81, 1000):
        sample = counting.NumberSample(["x"], max_rows=10)
        for start in range(0, num_rows, 7):
            rows = range(start, min(start + 7, num_rows))
            sample.add(pl.DataFrame({"x": [float(row) for row in rows]}))

        step = learning.sample_step(num_rows, 1)

        assert sample.numbers("x").tolist() == [*range(0, num_rows, step)]


def test_folder_is_read_again(files, full_schema, make_polars, found, tmp_path):
    found(make_polars([str(files)]), full_schema)

    schema = read_encoder(tmp_path / "found" / "encoder").schema
    dataset = Dataset.open(tmp_path / "found" / "train")
    assert dataset.schema == schema
    assert len(dataset.batch(slice(0, 3)).vectors) == 2


@pytest.mark.parametrize(
    ("name", "values", "error", "message"),
    [
        ("click", [1], SchemaError, "'click' must have two classes"),
        ("weight", [1.0, -1.0], DataError, "'weight' must be finite and not negative"),
        ("text", ["1", "much"], SchemaError, "'text' must hold numbers, got 'much'"),
        ("vector", [[1.0], [2.0, 3.0]], SchemaError, r"'vector' .* lengths \[1, 2\]"),
        ("part", ["train", "none"], DataError, "column 'part' must name a part"),
        ("part", ["test"], DataError, "rows for train"),
        ("site", [[1]], SchemaError, "'site' must be readable as a categorical"),
    ],
)
def test_errors(
    full_schema, make_polars, tmp_path, files, name, values, error, message
):
    table = read_table([str(files)]).collect()
    column = pl.Series(name, values).gather([row % len(values) for row in range(120)])
    engine = make_polars(table.with_columns(column))

    with pytest.raises(error, match=message):
        encode_on_engine(engine, full_schema, tmp_path / "x", split="part")


def test_missing_columns(make_polars, tmp_path):
    engine = make_polars(SMALL)
    with pytest.raises(DataError, match=r"'part'. The frame has \['site', 'click'\]"):
        encode_on_engine(engine, SITE, tmp_path / "x", split="part")
    with pytest.raises(SchemaError, match="'other' is missing"):
        encode_on_engine(engine, Schema((CategoricalField("other"),)), tmp_path / "x")


def test_no_rows(make_polars, tmp_path):
    with pytest.raises(DataError, match="rows for train"):
        encode_on_engine(make_polars(SMALL.head(0)), SITE, tmp_path / "x")
