"""What ``inspect`` says about a table."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.inspection import Inspection, inspect
from fieldwise.data.leakage import LeakageWarning
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema.inference import guess_columns


@pytest.fixture
def table():
    rng = np.random.default_rng(3)
    num_rows = 400
    click = rng.integers(0, 2, num_rows)
    return pl.DataFrame(
        {
            "site": rng.choice(["news", "mail", None], num_rows),
            "price": rng.random(num_rows),
            "refund": click * 10.5 + rng.random(num_rows),
            "items": [[i % 7, i % 3] for i in range(num_rows)],
            "row": range(num_rows),
            "click": click,
        }
    )


def test_one_row_per_column_with_every_key(table):
    rows = inspect(table, label="click").rows()

    assert [row["column"] for row in rows] == table.columns
    assert {tuple(row) for row in rows} == {
        (
            *("column", "role", "kind", "type", "distinct", "null_share", "examples"),
            *("reason", "warnings"),
        )
    }


@pytest.fixture
def small():
    frame = pl.DataFrame({"site": ["a", None, "b", "a"], "click": [0, 1, 1, 0]})
    return Inspection(guess_columns(frame, labels=["click"]))


def test_rows_by_hand(small):
    site, click = small.rows()

    # one of four is null; a and b are two values
    assert site == {
        "column": "site",
        "role": "field",
        "kind": "categorical",
        "type": "string",
        "distinct": 2,
        "null_share": 0.25,
        "examples": "a, b",
        "reason": "text with 2 distinct values: categorical",
        "warnings": [],
    }
    assert (click["role"], click["kind"]) == ("label", "binary")
    assert click["reason"] == "two values, 1 counts as positive: binary label"


def test_a_field_that_knows_the_label_is_told(table):
    inspection = inspect(table, label="click")

    warned = {row["column"]: row["warnings"] for row in inspection.rows()}
    assert [leak.field for leak in inspection.leakage] == ["refund"]
    assert warned["refund"] == [inspection.leakage[0].message]
    assert warned["price"] == []
    assert warned["row"] == ["looks like a row number: it says nothing"]


def test_every_label_is_checked(table):
    both = table.with_columns(order=1 - pl.col("click"))

    inspection = inspect(both, label=["click", "order"])

    assert [leak.field for leak in inspection.leakage] == ["refund", "refund"]
    assert "'click'" in inspection.leakage[0].message
    assert "'order'" in inspection.leakage[1].message


def test_warnings_of_the_guess_come_first(table):
    guess = guess_columns(table, overrides={"price": "categorical"})
    leak = LeakageWarning("label_giveaway", "price", "knows the label", 1.0)

    warnings = Inspection(guess, (leak,)).rows()[1]["warnings"]

    assert warnings == [*guess.columns[1].warnings, "knows the label"]
    assert len(warnings) == 2


def test_without_a_label_everything_is_guessed(table):
    inspection = inspect(table)

    assert inspection.leakage == ()
    assert inspection.rows()[-1]["kind"] == "categorical"


def test_arguments_reach_the_guess(table):
    rows = inspect(
        table,
        label="click",
        weight="price",
        group="site",
        time="row",
        ignore=["refund"],
        overrides={"items": {"max_length": 1}},
    ).rows()

    assert [row["role"] for row in rows] == [
        *("group", "weight", "ignored", "field", "time", "label")
    ]


def test_reads_files(table, tmp_path):
    table.write_parquet(tmp_path / "clicks.parquet")

    assert inspect(tmp_path / "clicks.parquet", label="click") == inspect(
        table, label="click"
    )


class TestPrinted:
    def test_by_hand(self, small):
        lines = str(small).splitlines()

        assert lines == [
            "4 rows, 2 columns",
            "",
            "column  role   kind         type    distinct  null   examples  why",
            "site    field  categorical  string  2         25.0%  a, b      "
            "text with 2 distinct values: categorical",
            "click   label  binary       int     2         0.0%   0, 1      "
            "two values, 1 counts as positive: binary label",
        ]

    def test_warnings_follow_with_the_column(self, table):
        text = str(inspect(table, label="click"))

        _, _, warnings = text.partition("\n\nwarnings:\n")
        assert [line.split(":")[0] for line in warnings.splitlines()] == [
            "  'refund'",
            "  'row'",
        ]

    def test_long_and_broken_examples_keep_to_their_cell(self):
        table = {"site": ["x" * 99, "a\nb\tc"], "click": [0, 1]}

        lines = str(inspect(table, label="click")).splitlines()

        assert len(lines) == 5
        assert f"{'x' * 47}…" in lines[3]

    def test_lists_have_no_distinct_count(self, table):
        (line,) = (
            line for line in str(inspect(table)).splitlines() if line[:5] == "items"
        )

        assert line.split()[:5] == ["items", "field", "sequence", "list[int]", "-"]


def test_missing_file():
    with pytest.raises(DataError, match=r"nowhere\.parquet"):
        inspect("nowhere.parquet", label="click")


def test_missing_label(table):
    with pytest.raises(SchemaError, match=r"got 'clik' \(did you mean 'click'\?\)"):
        inspect(table, label="clik")
