"""Parts of a table: whole, in order, and known by their checksums."""

import hashlib
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from fieldwise.data.parts import (
    as_split,
    default_split,
    divide,
    given_parts,
    part_fingerprint,
    with_valid,
)
from fieldwise.data.splits import (
    ColumnSplit,
    GroupSplit,
    RandomSplit,
    TimeSplit,
    split_checksum,
)
from fieldwise.errors import DataError
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
)

FRAME = pl.LazyFrame(
    {
        "row": range(10),
        "user": ["a", "b", "a", "c", "b", "d", "a", "c", "d", "e"],
        "part": ["train", "test", "train", "valid", "train"] * 2,
    }
)
FITTED = Schema(
    (
        CategoricalField("site", num_features=4, value_type="string"),
        NumericField("price", center=1.0, scale=2.0, low=0.0, high=9.0),
        SequenceField("tags", num_features=3, value_type="int"),
    ),
    (Label("click", "binary", positive=1),),
)
BEHIND = {"data": "d1", "split": "s1", "part": "train"}


def rows(part):
    return part.collect()["row"].to_list()


def with_field(place, **changes):
    fields = list(FITTED.fields)
    fields[place] = replace(fields[place], **changes)
    return replace(FITTED, fields=tuple(fields))


def test_divide_by_column_keeps_the_order_of_rows():
    parts = divide(FRAME, ColumnSplit("part"))

    assert rows(parts.train) == [0, 2, 4, 5, 7, 9]
    assert rows(parts.valid) == [3, 8]
    assert rows(parts.test) == [1, 6]
    assert parts.counts == {"train": 6, "valid": 2, "test": 2}
    codes = np.array([0, 2, 0, 1, 0] * 2, dtype=np.uint8)
    assert parts.checksum == split_checksum(codes)
    assert list(parts.named()) == ["train", "valid", "test"]
    assert parts.train.collect_schema().names() == ["row", "user", "part"]


@pytest.mark.parametrize(
    "split",
    [
        RandomSplit(valid=0.2, test=0.3, seed=3),
        TimeSplit("row", valid=0.2, test=0.3),
        GroupSplit("user", valid=0.3, test=0.2),
        ColumnSplit("part"),
    ],
    ids=lambda split: type(split).__name__,
)
def test_every_row_is_in_one_part(split):
    parts = divide(FRAME, split)

    found = {name: rows(part) for name, part in parts.named().items()}
    assert sorted(row for numbers in found.values() for row in numbers) == [*range(10)]
    assert all(numbers == sorted(numbers) for numbers in found.values())
    assert {name: len(numbers) for name, numbers in found.items()} == parts.counts
    assert divide(FRAME, split).checksum == parts.checksum
    assert parts.to_dict() == {
        "how": repr(split),
        "rows": parts.counts,
        "checksum": parts.checksum,
    }


def test_a_part_without_rows_is_no_part():
    parts = divide(FRAME, RandomSplit(valid=0.2))

    assert parts.test is None
    assert list(parts.named()) == ["train", "valid"]


def test_divide_a_file_larger_than_a_chunk(tmp_path):
    path = tmp_path / "rows.parquet"
    pl.DataFrame({"row": range(5000)}).write_parquet(path, row_group_size=100)

    parts = divide(pl.scan_parquet(path), RandomSplit(valid=0.5, seed=1))

    in_memory = divide(pl.LazyFrame({"row": range(5000)}), RandomSplit(0.5, seed=1))
    assert rows(parts.valid) == rows(in_memory.valid)
    assert len(rows(parts.train)) == 2500


def test_default_split_follows_the_schema():
    site = (CategoricalField("site"),)

    assert default_split(Schema(site), seed=7) == RandomSplit(valid=0.1, seed=7)
    assert default_split(Schema(site, group="user"), seed=7) == GroupSplit(
        "user", valid=0.1, seed=7
    )
    assert default_split(Schema(site), test=0.2) == RandomSplit(valid=0.1, test=0.2)
    assert default_split(Schema(site, group="user", time="day")) == TimeSplit(
        "day", valid=0.1
    )


def test_a_name_stands_for_a_column_split():
    assert as_split("part") == ColumnSplit("part")
    assert as_split(TimeSplit("row")) == TimeSplit("row")


def test_validation_rows_come_out_of_the_training_rows():
    tested = divide(FRAME, TimeSplit("row", valid=0.0, test=0.3))

    parts = with_valid(tested, TimeSplit("row", valid=0.3))

    # rows 7 to 9 test; 0.3 of the other seven rows are two
    assert (rows(parts.train), rows(parts.valid)) == ([0, 1, 2, 3, 4], [5, 6])
    assert rows(parts.test) == [7, 8, 9]
    assert parts.counts == {"train": 5, "valid": 2, "test": 3}
    assert "test=0.3" in parts.split
    assert "valid=0.3" in parts.split
    other = with_valid(tested, TimeSplit("row", valid=0.5))
    assert len({tested.checksum, parts.checksum, other.checksum}) == 3


def test_validation_rows_that_are_there_stay():
    parts = divide(FRAME, ColumnSplit("part"))

    assert with_valid(parts, RandomSplit()) is parts


def test_tables_of_their_own():
    parts = given_parts(FRAME, FRAME.head(2))

    assert parts.counts == {"train": 10, "valid": 2, "test": 0}
    assert parts.checksum == hashlib.sha256(bytes([0] * 10 + [1] * 2)).hexdigest()


@pytest.mark.parametrize(
    ("train", "valid", "named"),
    [(10, 0, "^valid"), (0, 2, "^train"), (0, 0, "^train and valid")],
)
def test_empty_tables_of_their_own(train, valid, named):
    with pytest.raises(DataError, match=f"{named} must have rows, got none"):
        given_parts(FRAME.head(train), FRAME.head(valid))


@pytest.mark.parametrize(
    "schema",
    [
        with_field(0, min_count=3),
        with_field(0, max_size=9),
        with_field(0, num_features=5),
        with_field(1, encoding="standard"),
        with_field(1, num_buckets=8),
        with_field(1, scale=3.0),
        with_field(1, edges=(0.0, 1.0)),
        with_field(2, max_length=7),
        with_field(2, value_type="string"),
        replace(FITTED, fields=FITTED.fields[::-1]),
        replace(FITTED, labels=(Label("click", "binary", positive=0),)),
        replace(FITTED, weight="weight"),
        replace(FITTED, group="user"),
    ],
)
def test_any_setting_changes_the_fingerprint(schema):
    assert part_fingerprint(schema, **BEHIND) != part_fingerprint(FITTED, **BEHIND)


@pytest.mark.parametrize("name", BEHIND)
def test_data_split_and_part_change_the_fingerprint(name):
    changed = part_fingerprint(FITTED, **BEHIND | {name: "other"})

    assert changed != part_fingerprint(FITTED, **BEHIND)
    again = Schema.from_dict(FITTED.to_dict())
    assert part_fingerprint(again, **BEHIND) == part_fingerprint(FITTED, **BEHIND)
