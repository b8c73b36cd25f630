"""Values to rows of the table, type by type."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.vocabulary import Vocabulary
from fieldwise.serving.export.graph import GraphBuilder
from fieldwise.serving.export.inputs import FieldInput
from fieldwise.serving.export.lookups import add_lookup, missing_row
from tests.serving.export.conftest import run_graph

OFFSET = 100


def vocabulary_of(values, value_type, dtype):
    series = pl.Series(values, dtype=dtype)
    return Vocabulary(series, pl.Series([1] * len(values)), value_type)


def look_up(vocabulary, asked, *, is_null=None):
    field = FieldInput(
        "f",
        "categorical",
        "f",
        "",
        is_null="flag" if is_null is not None else None,
        unseen=-1,
    )
    graph = GraphBuilder(["f", "flag"])
    end = add_lookup(graph, field, vocabulary, OFFSET)
    feeds = {"f": asked} | ({"flag": np.array(is_null)} if is_null is not None else {})
    return (run_graph(graph, feeds, end) - OFFSET).tolist()


def test_text():
    vocabulary = vocabulary_of(["b", "", None, "\U0001f600", "é"], "string", pl.String)
    asked = np.array(["\U0001f600", "", "e\u0301", "b", "b "], dtype=object)

    found = look_up(vocabulary, asked, is_null=[False] * 4 + [True])

    # The last one is null, whatever stands beside the flag.
    assert found == [4, 2, 0, 1, 3]


@pytest.mark.parametrize(
    ("value_type", "dtype", "values", "asked"),
    [
        (
            "int",
            pl.Int64,
            [2**63 - 1, -(2**63), 2**53 + 1],
            np.array([2**53, 2**53 + 1, -(2**63), 2**63 - 1, 0]),
        ),
        (
            "uint",
            pl.UInt64,
            [2**64 - 1, 2**63, 1],
            np.array([2**63 - 1, 1, 2**63, 2**64 - 1, 0], dtype=np.uint64),
        ),
        (
            "float",
            pl.Float64,
            [1e300, 0.0, 0.1],
            np.array([0.3 - 0.2, 0.1, -0.0, 1e300, np.inf]),
        ),
    ],
)
def test_numbers_that_are_names(value_type, dtype, values, asked):
    vocabulary = vocabulary_of(values, value_type, dtype)

    assert look_up(vocabulary, asked) == [0, 3, 2, 1, 0]


def test_booleans_are_0_and_1():
    vocabulary = vocabulary_of([True, None, False], "bool", pl.Boolean)

    found = look_up(vocabulary, np.array([0, 1, -1, 2]), is_null=[False] * 4)

    assert found == [3, 1, 0, 0]


@pytest.mark.parametrize(("values", "missing"), [([0.5, None], 2), ([0.5], 0)])
def test_nan_is_missing(values, missing):
    vocabulary = vocabulary_of(values, "float", pl.Float64)

    assert look_up(vocabulary, np.array([np.nan, 0.5])) == [missing, 1]
    assert missing_row(vocabulary, OFFSET) == OFFSET + missing


def test_a_vocabulary_of_nothing_but_null():
    vocabulary = vocabulary_of([None], "int", pl.Int64)

    assert look_up(vocabulary, np.array([-1, 7, 7]), is_null=[False, False, True]) == [
        *(0, 0, 1)
    ]
