"""Raw rows as arrays."""

import numpy as np
import polars as pl
import pytest

from fieldwise.serving.export.feeds import feeds_of
from fieldwise.serving.export.inputs import FieldInput


def named(**changes):
    settings = {
        "field": "f",
        "kind": "categorical",
        "input": "f",
        "type": "string",
        "value_type": "string",
        "is_null": "f.is_null",
        "unseen": "?",
    }
    return FieldInput(**settings | changes)


def feed(field, values, dtype=None):
    found = feeds_of([field], pl.DataFrame({"f": pl.Series(values, dtype=dtype)}))
    return {name: array.tolist() for name, array in found.items()}


def test_text_and_null():
    assert feed(named(), ["a", None, ""]) == {
        "f": ["a", "?", ""],
        "f.is_null": [False, True, False],
    }


def test_what_is_no_number_is_unseen_and_not_null():
    field = named(type="int64", value_type="int", unseen=-1)

    assert feed(field, ["12", "abc", None, "7.0"]) == {
        "f": [12, -1, -1, 7],
        "f.is_null": [False, False, True, False],
    }


def test_booleans():
    field = named(type="int64", value_type="bool", unseen=-1)

    assert feed(field, [True, False, None])["f"] == [1, 0, -1]
    assert feed(field, ["true", "maybe", "0"])["f"] == [1, -1, 0]


def test_wide_integers():
    field = named(type="uint64", value_type="uint", unseen=0, is_null=None)

    assert feed(field, [2**64 - 1, None], pl.UInt64) == {"f": [2**64 - 1, 0]}


def test_floats_that_are_names():
    field = named(type="double", value_type="float", unseen=3, is_null=None)

    found = feed(field, ["0.5", None, "x"])["f"]

    assert found[0] == 0.5
    assert np.isnan(found[1])
    assert found[2] == 3.0


def test_dates_are_text():
    assert feed(named(), [0, None], pl.Date)["f"] == ["1970-01-01", "?"]


@pytest.mark.parametrize(
    ("lists", "items", "lengths"),
    [
        ([["a", None], [], None, ["b"]], ["a", "?", "b"], [2, 0, 0, 1]),
        ([None, []], [], [0, 0]),
    ],
)
def test_lists(lists, items, lengths):
    field = named(kind="sequence", lengths="f.lengths")

    found = feed(field, lists, pl.List(pl.String))

    assert found["f"] == items
    assert found["f.lengths"] == lengths
    assert found["f.is_null"] == [item == "?" for item in items]


def test_a_column_of_nothing_but_null():
    assert feed(named(), [None, None])["f.is_null"] == [True, True]
    field = named(kind="sequence", lengths="f.lengths")
    assert feed(field, [None, None]) == {"f": [], "f.is_null": [], "f.lengths": [0, 0]}


def test_numbers_and_vectors():
    number = FieldInput("f", "numeric", "f", "double")
    vector = FieldInput("f", "vector", "f", "float", width=2)

    assert np.isnan(feed(number, [None, 2])["f"][0])
    found = feed(vector, [[1.0, float("inf")], None])["f"]
    assert found[0][0] == 1.0
    assert np.isnan([found[0][1], *found[1]]).all()
