"""Scores stand beside the right rows, for any chunks."""

import numpy as np
import polars as pl
import pytest

from fieldwise.cli.scores import key_columns, score_names, scored
from fieldwise.data.encoding import UnknownCounter
from fieldwise.errors import DataError, SchemaError
from fieldwise.ranker import Ranker, streaming
from fieldwise.schema import CategoricalField, Label, Schema

CLICK = Label("click", "binary", positive=1)
PRICE = Label("price", "real")
ROWS = pl.LazyFrame({"user": [1], "site": ["a"], "click": [1]})


def schema(*labels):
    return Schema((CategoricalField("site"),), labels=labels)


def test_score_names():
    assert score_names(schema(CLICK)) == ["probability"]
    assert score_names(schema(PRICE)) == ["value"]
    assert score_names(schema(CLICK, PRICE)) == ["probability_click", "value_price"]


@pytest.mark.parametrize(
    ("keys", "keep_all", "columns"),
    [
        ([], False, ["user", "click"]),
        (["site", "user", "site"], False, ["site", "user"]),
        ([], True, ["user", "site", "click"]),
    ],
)
def test_key_columns(keys, keep_all, columns):
    assert key_columns(ROWS, schema(CLICK), keys=keys, keep_all=keep_all) == columns


def test_keys_that_are_wrong():
    rows = ROWS.with_columns(probability=0.5)

    with pytest.raises(DataError, match=r"got 'usr'\. Did you mean 'user'\?.*\['proba"):
        key_columns(rows, schema(CLICK), keys=["usr", "probability"], keep_all=False)


def test_chunks_do_not_matter(run_folder, clicks, monkeypatch):
    ranker = Ranker.load(run_folder / "ranker")
    monkeypatch.setattr(streaming, "CHUNK_ROWS", 37)
    unknown = UnknownCounter()

    chunks = list(scored(ranker, pl.scan_parquet(clicks), ["request"], unknown))

    table = pl.concat(chunks)
    assert len(chunks) > 2
    assert len(chunks[0]) == 0
    assert table["request"].to_list() == [f"r{number}" for number in range(400)]
    np.testing.assert_allclose(table["probability"], ranker.predict(clicks), rtol=1e-6)
    assert unknown.num_values == {"site": 400}


def test_rows_are_numbered_without_keys(run_folder, clicks, monkeypatch):
    ranker = Ranker.load(run_folder / "ranker")
    monkeypatch.setattr(streaming, "CHUNK_ROWS", 150)

    table = pl.concat(scored(ranker, pl.scan_parquet(clicks), [], UnknownCounter()))

    assert table["row"].to_list() == list(range(400))


def test_no_rows(run_folder, clicks):
    ranker = Ranker.load(run_folder / "ranker")
    empty = pl.scan_parquet(clicks).head(0)

    table = pl.concat(scored(ranker, empty, ["request"], UnknownCounter()))

    assert table.schema == {"request": pl.String, "probability": pl.Float64}
    assert len(table) == 0


def test_missing_column(run_folder, clicks):
    ranker = Ranker.load(run_folder / "ranker")
    rows = pl.scan_parquet(clicks).drop("site", "price")

    with pytest.raises(SchemaError, match=r"'site'.*'price'"):
        list(scored(ranker, rows, [], UnknownCounter()))
