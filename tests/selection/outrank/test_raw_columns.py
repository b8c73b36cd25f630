import datetime as dt

import numpy as np
import polars as pl

from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)
from fieldwise.selection.outrank.raw_columns import RawColumns, in_blocks

TABLE = pl.DataFrame(
    {
        "site": ["a", "", None, "a"],
        "kind": pl.Series(["x", None, "y", "x"], dtype=pl.Categorical),
        "price": [1.5, float("nan"), None, 1.5],
        "tags": [["a", "b"], [], None, ["a", "b"]],
        "day": [dt.date(2024, 1, 1), None, dt.date(2024, 1, 2), dt.date(2024, 1, 1)],
        "place": [{"x": 1}] * 4,
        "text": [[0.5, 1.0]] * 4,
        "click": [True, False, None, True],
    }
)
SCHEMA = Schema(
    (
        CategoricalField("site"),
        CategoricalField("kind"),
        NumericField("price"),
        SequenceField("tags"),
        VectorField("text", 2),
    ),
    labels=(Label("click", "binary"),),
)


def test_equal_values_have_equal_hashes_and_missing_ones_none():
    columns = RawColumns(TABLE.lazy(), SCHEMA)

    seen = columns.look(TABLE)

    assert columns.names == [name for name in TABLE.columns if name != "place"]
    for name in ("site", "kind", "price", "tags", "day", "click"):
        hashes = seen[f"value {name}"].to_list()
        assert hashes[0] == hashes[3], name
        assert len({*hashes[:3]}) == (2 if name == "price" else 3), name
        assert None in hashes, name
    numbers = seen["number price"].to_numpy()
    assert np.array_equal(numbers, [1.5, np.nan, np.nan, 1.5], equal_nan=True)
    assert columns.left_out == ["text"]


def test_chunks_agree_on_the_hashes():
    columns = RawColumns(TABLE.lazy(), SCHEMA)

    parts = [columns.look(TABLE[:2]), columns.look(TABLE[2:])]

    assert pl.concat(parts).equals(columns.look(TABLE))


def test_missing_values_are_counted():
    columns = RawColumns(TABLE.lazy(), SCHEMA)

    missing = dict(zip(columns.names, columns.missing(TABLE), strict=True))

    assert missing == {
        "site": 2,
        "kind": 1,
        "price": 2,
        "tags": 1,
        "day": 1,
        "text": 0,
        "click": 1,
    }


def test_blocks_do_not_depend_on_the_chunks():
    rows = pl.DataFrame({"x": range(100)})
    cuts = ([100], [30, 1, 60, 9], [7] * 14 + [2])
    for lengths in cuts:
        starts = np.cumsum([0, *lengths[:-1]]).tolist()
        parts = [rows.slice(s, n) for s, n in zip(starts, lengths, strict=True)]

        blocks = list(in_blocks(parts, 16))

        assert [len(block) for block in blocks] == [16] * 6 + [4]
        assert pl.concat(blocks).equals(rows)


def test_no_row_makes_no_block():
    assert list(in_blocks([pl.DataFrame({"x": []})], 5)) == []
