"""Chunks come in order, and no more than two of them are alive."""

import weakref

import polars as pl
import pytest

from fieldwise.data.encoding import encode_frame
from fieldwise.errors import SchemaError
from fieldwise.ranker import streaming
from fieldwise.ranker.streaming import encoded_chunks


@pytest.fixture
def file(log, tmp_path):
    log.write_parquet(tmp_path / "log.parquet", row_group_size=64)
    return tmp_path / "log.parquet"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(streaming, "CHUNK_ROWS", 7)


def test_chunks_hold_the_rows_in_order(ranker, log, file):
    chunks = list(encoded_chunks(ranker.encoder, pl.scan_parquet(file), ["query"]))

    lengths = [len(chunk.rows) for chunk in chunks]
    assert sum(lengths) == 300
    assert max(lengths) == 7
    kept = pl.concat(chunk.kept for chunk in chunks)
    assert kept.to_dict(as_series=False) == {"query": log["query"].to_list()}
    third = encode_frame(
        ranker.encoder, log.slice(sum(lengths[:2]), lengths[2]), labelled=False
    )
    found, wanted = (rows.batch(slice(None)) for rows in (chunks[2].rows, third))
    assert found.indices.tolist() == wanted.indices.tolist()
    assert chunks[2].unknown.num_values["site"] == lengths[2]


@pytest.mark.parametrize("times", [1, 4])
def test_few_chunks_are_alive_however_long_the_table(
    ranker, log, tmp_path, monkeypatch, times
):
    pl.concat([log] * times).write_parquet(tmp_path / "log.parquet")
    alive, made = weakref.WeakSet(), []

    def counted(*arguments, **settings):
        encoded = encode_frame(*arguments, **settings)
        alive.add(encoded)
        made.append(len(alive))
        return encoded

    monkeypatch.setattr(streaming, "encode_frame", counted)

    num_rows = sum(map(len, ranker.score_chunks(tmp_path / "log.parquet")))

    assert num_rows == 300 * times
    assert len(made) >= 300 * times // 7
    # The one in use, and the one being made.
    assert max(made) <= 2


def test_what_fails_ahead_is_raised_where_it_is_used(ranker, log):
    # The tenth price is no number: the second chunk of seven rows.
    price = [str(value) for value in log["price"]]
    price[9] = "cheap"
    chunks = encoded_chunks(
        ranker.encoder, log.with_columns(price=pl.Series(price)).lazy(), []
    )

    assert len(next(chunks).rows) == 7
    with pytest.raises(SchemaError, match="'price' must hold numbers, got 'cheap'"):
        next(chunks)


def test_chunks_may_be_left_early(ranker, log):
    chunks = encoded_chunks(ranker.encoder, log.lazy(), [])

    next(chunks)
    chunks.close()

    assert list(chunks) == []


def test_no_rows(ranker, log):
    chunks = list(encoded_chunks(ranker.encoder, log.head(0).lazy(), ["query"]))

    assert sum(len(chunk.rows) for chunk in chunks) == 0
