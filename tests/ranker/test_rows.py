"""Rows in every form people hold them."""

from collections import OrderedDict

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from fieldwise.errors import DataError
from fieldwise.ranker.rows import MAX_PLAIN_ROWS, plain_rows, read_rows
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

FLAT = Schema(
    (CategoricalField("site"), NumericField("price"), SequenceField("tags")),
    (Label("click"),),
    weight="weight",
)
LISTS = Schema((SequenceField("tags"), VectorField("text")))


def read(data, schema=FLAT):
    return read_rows(data, schema).collect()


COLUMNS = {"site": ["a", "b"], "price": [1.0, 2.0], "tags": [["x"], ["y", "z"]]}
FORMS = {
    "dict of lists": COLUMNS,
    "dict of arrays": COLUMNS | {"price": np.array([1.0, 2.0])},
    "dict of series": {name: pl.Series(values) for name, values in COLUMNS.items()},
    "dict of pandas": {name: pd.Series(values) for name, values in COLUMNS.items()},
    "list of dicts": [
        {"site": "a", "price": 1.0, "tags": ["x"]},
        {"site": "b", "price": 2.0, "tags": ["y", "z"]},
    ],
    "Polars": pl.DataFrame(COLUMNS),
    "lazy Polars": pl.LazyFrame(COLUMNS),
    "pandas": pd.DataFrame(COLUMNS),
    "Arrow": pa.table(COLUMNS),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_all_forms_agree(data):
    assert read(data).rows() == [("a", 1.0, ["x"]), ("b", 2.0, ["y", "z"])]


@pytest.mark.parametrize(
    "row",
    [
        {"site": "a", "price": 1.0, "tags": ["x", "y"]},
        {"site": "a", "price": 1.0, "tags": ("x", "y")},
        {"site": "a", "price": np.float64(1), "tags": np.array(["x", "y"])},
        {"site": np.str_("a"), "price": 1.0, "tags": pl.Series(["x", "y"])},
    ],
)
def test_one_row_as_a_dict(row):
    assert read(row).rows() == [("a", 1.0, ["x", "y"])]


@pytest.mark.parametrize("missing", [None, [], ()])
def test_one_row_with_nothing_in_it(missing):
    found = read({"site": None, "price": None, "tags": missing})

    assert found.shape == (1, 3)
    assert found["site"][0] is None


@pytest.mark.parametrize(
    ("data", "num_rows"),
    [
        ({"tags": ["x", "y"], "text": [0.5, 1.0, 2.0]}, 1),
        ({"tags": ["x", "y"], "text": np.array([0.5, 1.0, 2.0])}, 1),
        ({"tags": None, "text": None}, 1),
        ({"tags": [], "text": [0.5, 1.0, 2.0]}, 1),
        ({"tags": [["x"], ["y"]], "text": [[0.5], [1.0]]}, 2),
        ({"tags": [None, ["y"]], "text": np.array([[0.5], [1.0]])}, 2),
        ({"tags": pl.Series([["x"], ["y"]]), "text": pl.Series([[0.5], [1.0]])}, 2),
    ],
)
def test_rows_that_are_lists_throughout(data, num_rows):
    assert len(read(data, LISTS)) == num_rows


@pytest.mark.parametrize("wrong", [5, 0.5, "xyz", b"xyz", True])
def test_a_single_value_in_place_of_a_list_is_one_row(wrong):
    assert len(read({"tags": wrong}, LISTS)) == 1


@pytest.mark.parametrize("empty", [[], ()])
def test_no_rows_have_all_columns(empty):
    found = read(empty)

    assert found.columns == ["site", "price", "tags", "click", "weight"]
    assert len(found) == 0


def test_keys_that_some_rows_lack_are_null():
    assert read([{"site": "a"}, {"price": 2}]).rows() == [("a", None), (None, 2)]


def test_a_file(tmp_path):
    pl.DataFrame(COLUMNS).write_parquet(tmp_path / "rows.parquet")

    assert read(tmp_path / "rows.parquet").rows() == read(COLUMNS).rows()
    assert read(str(tmp_path / "*.parquet")).rows() == read(COLUMNS).rows()


@pytest.mark.parametrize("wrong", [5, object(), {"site": ["a", "b"], "price": [1]}])
def test_what_is_no_table_is_refused(wrong):
    with pytest.raises(DataError, match="source must"):
        read(wrong)


def test_plain_rows():
    row = {"site": "a"}

    assert plain_rows(row) == [row]
    assert plain_rows([row, row]) == [row, row]
    assert plain_rows([row] * MAX_PLAIN_ROWS) is not None


@pytest.mark.parametrize(
    "data",
    [
        [],
        [{"site": "a"}] * (MAX_PLAIN_ROWS + 1),
        [{"site": "a"}, "rows.parquet"],
        "rows.parquet",
        pl.DataFrame({"site": ["a"]}),
        OrderedDict(site="a"),
        None,
    ],
    ids=lambda data: type(data).__name__,
)
def test_what_is_no_few_plain_rows(data):
    assert plain_rows(data) is None


@pytest.mark.parametrize("entries", [[1, 0.5, None], (0, 0.25), [0.5, 1]])
def test_vectors_may_mix_whole_numbers_and_fractions(entries):
    row = {"tags": ["x"], "text": entries}

    assert read(row, LISTS)["text"].to_list() == [list(entries)]
    assert (
        read([row, {"tags": [], "text": [2, 3]}], LISTS)["text"][0].dtype == pl.Float64
    )


def test_a_vector_no_float_can_hold_is_refused():
    with pytest.raises(DataError, match="source must hold one type of values"):
        read({"tags": ["x"], "text": [0.5, 10**400]}, LISTS)


@pytest.mark.parametrize("extra", [[1, 0.5], object(), {1, 2}, "\ud800", b"x"])
def test_values_that_nobody_reads_may_be_anything(extra):
    row = {"site": "a", "price": 1.0, "tags": ["x"], "extra": extra}

    assert read(row)["site"].to_list() == ["a"]
    assert read([row, row])["price"].to_list() == [1.0, 1.0]
