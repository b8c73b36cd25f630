"""A raw table, its schema and its parts, before anything is encoded."""

import polars as pl
import pytest

from fieldwise.data.divided_table import divide_table
from fieldwise.data.readers import table_fingerprint
from fieldwise.data.splits import ColumnSplit, GroupSplit, RandomSplit, TimeSplit
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import CategoricalField, Label, Schema

ROLES = {"label": "click"}
SCHEMA = Schema((CategoricalField("site"),), (Label("click"),))


@pytest.fixture
def log():
    return pl.DataFrame(
        {
            "site": ["a", "b", "c", "d"] * 25,
            "day": list(range(100)),
            "user": [number // 4 for number in range(100)],
            "part": ["train"] * 70 + ["valid"] * 10 + ["test"] * 20,
            "click": [0, 1] * 50,
        }
    )


@pytest.mark.parametrize(
    ("roles", "split"),
    [
        ({}, RandomSplit(valid=0.1, test=0.2, seed=3)),
        ({"time": "day"}, TimeSplit("day", valid=0.1, test=0.2)),
        ({"group": "user"}, GroupSplit("user", valid=0.1, test=0.2, seed=3)),
    ],
)
def test_a_test_part_as_the_validation_part(log, roles, split):
    ignore = ["part", *({"day", "user"} - set(roles.values()))]

    table = divide_table(
        log, None, roles={**ROLES, **roles, "ignore": ignore}, test=0.2, seed=3
    )

    assert table.parts.split == repr(split)
    assert table.parts.counts["test"] >= 16


def test_no_test_part_unless_asked_for(log):
    parts = divide_table(log.select("site", "click"), None, roles=ROLES).parts

    assert parts.counts == {"train": 90, "valid": 10, "test": 0}


@pytest.mark.parametrize("split", ["part", ColumnSplit("part")])
def test_the_column_of_parts_is_no_field(log, split):
    table = divide_table(
        log, None, roles={**ROLES, "ignore": ["day", "user"]}, split=split
    )

    assert table.schema.names == ("site",)
    assert table.parts.counts == {"train": 70, "valid": 10, "test": 20}


def test_names_and_fingerprints(log, tmp_path):
    path = tmp_path / "log.parquet"
    log.write_parquet(path)

    file = divide_table(path, SCHEMA, roles={})
    frame = divide_table(log, SCHEMA, roles={}, valid=log.tail(10))

    assert file.name == str(path)
    assert frame.name == "DataFrame"
    assert file.fingerprint == table_fingerprint(path)
    assert frame.fingerprint not in (file.fingerprint, table_fingerprint(log))
    assert frame.parts.counts == {"train": 100, "valid": 10, "test": 0}


def test_what_is_missing(log):
    with pytest.raises(SchemaError, match="'site' is missing"):
        divide_table(log.drop("site"), SCHEMA, roles={})
    with pytest.raises(SchemaError, match="'click' is missing"):
        divide_table(log, SCHEMA, roles={}, valid=log.drop("click"))
    with pytest.raises(DataError, match="must leave rows"):
        divide_table(log.head(0), SCHEMA, roles={})
