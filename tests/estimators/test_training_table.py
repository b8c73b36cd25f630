"""The table a fit starts from."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.splits import ColumnSplit, GroupSplit, RandomSplit, TimeSplit
from fieldwise.estimators.training_table import Targets, training_table

COLUMNS = pl.DataFrame(
    {"label": ["a", "b"] * 10, "page": np.repeat(range(5), 4), "weight": [1.5, 2] * 10}
)
BINARY = np.array([0, 1] * 10, dtype=np.int64)
SETTINGS = {"fields": None, "valid": 0.2, "seed": 3}


def test_roles_take_no_name_of_a_column():
    weights = np.arange(20.0)
    targets = Targets({"label": BINARY}, "binary", weights=weights, strata=BINARY)

    table = training_table(COLUMNS, targets, **SETTINGS)

    assert table.schema.label_names == ("label_",)
    assert table.schema.weight == "weight_"
    assert "label" in table.schema.names
    # The first row weighs nothing: it is left out.
    assert table.rows["label_"].to_list() == BINARY[1:].tolist()
    assert table.rows["weight_"].to_list() == weights[1:].tolist()
    assert table.rows["label"].to_list() == COLUMNS["label"].to_list()[1:]


def test_rows_are_held_out_of_each_class():
    table = training_table(
        COLUMNS, Targets({"y": BINARY}, "binary", strata=BINARY), **SETTINGS
    )

    assert table.split == ColumnSplit("part")
    held_out = table.rows.filter(pl.col("part") == "valid")
    assert held_out["y"].sort().to_list() == [0, 0, 1, 1]


def test_rows_are_held_out_as_the_library_does():
    real = Targets({"y": np.arange(20.0)}, "real")
    days = COLUMNS.with_columns(day=pl.date(2026, 1, pl.int_range(1, 21)))
    grouped = Targets({"y": BINARY}, "binary", groups="page")
    numbered = Targets({"y": BINARY}, "binary", groups=np.repeat(range(5), 4))

    tables = [
        training_table(columns, targets, **SETTINGS)
        for columns, targets in (
            (COLUMNS, real),
            (days, Targets({"y": BINARY}, "binary", strata=BINARY)),
            (COLUMNS, grouped),
            (COLUMNS, numbered),
        )
    ]

    assert [table.split for table in tables] == [
        RandomSplit(valid=0.2, seed=3),
        TimeSplit("day", valid=0.2),
        GroupSplit("page", valid=0.2, seed=3),
        GroupSplit("group", valid=0.2, seed=3),
    ]
    assert "page" not in tables[2].schema.names
    assert "page" in tables[3].schema.names


def test_columns_can_be_told_what_they_are():
    fields = {"page": "categorical", "weight": "ignored"}
    targets = Targets({"y": BINARY}, "binary")

    schema = training_table(COLUMNS, targets, fields=fields, valid=0.2, seed=0).schema

    assert [(field.name, field.kind) for field in schema] == [
        ("label", "categorical"),
        ("page", "categorical"),
    ]


@pytest.mark.parametrize("valid", [0.0, 1.0, -0.5])
def test_the_share_must_be_one(valid):
    with pytest.raises(ValueError, match="valid must be"):
        training_table(
            COLUMNS, Targets({"y": BINARY}, "binary"), fields=None, valid=valid, seed=0
        )
