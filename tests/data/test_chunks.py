"""Tables in chunks: every row once, in order, and never too many."""

import polars as pl
import pytest

from fieldwise.data import chunks
from fieldwise.data.chunks import read_chunks

FRAME = pl.DataFrame({"a": range(23), "b": [f"v{i}" for i in range(23)]})


@pytest.mark.parametrize("max_rows", [1, 5, 23, 1000])
@pytest.mark.parametrize("source", ["memory", "parquet", "csv", "query"])
def test_every_row_once_and_in_order(tmp_path, max_rows, source):
    FRAME.write_parquet(tmp_path / "x.parquet", row_group_size=4)
    FRAME.write_csv(tmp_path / "x.csv")
    frame = {
        "memory": FRAME.lazy(),
        "parquet": pl.scan_parquet(tmp_path / "x.parquet"),
        "csv": pl.scan_csv(tmp_path / "x.csv"),
        "query": pl.concat([FRAME.lazy(), FRAME.lazy()]).filter(pl.col("a") % 2 == 0),
    }[source]

    columns = [pl.col("b"), pl.col("a")]
    parts = list(read_chunks(frame, columns, max_rows=max_rows, width=2))

    assert pl.concat(parts).equals(frame.select("b", "a").collect())
    assert max(map(len, parts)) <= max_rows


def test_wide_rows_come_in_smaller_chunks(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_CELLS", 100)
    parts = read_chunks(FRAME.lazy(), [pl.all()], max_rows=1000, width=10)
    # 100 numbers are 10 rows of 10.
    assert [len(part) for part in parts] == [10, 10, 3]
    parts = read_chunks(FRAME.lazy(), [pl.all()], max_rows=1000, width=10**6)
    assert [len(part) for part in parts] == [1] * 23


def test_no_rows():
    parts = list(read_chunks(FRAME.head(0).lazy(), [pl.all()], max_rows=5, width=2))
    assert sum(map(len, parts)) == 0


def test_columns_that_are_not_asked_for_are_not_read():
    def fail(_):
        message = "read"
        raise RuntimeError(message)

    trap = pl.col("a").map_elements(fail, return_dtype=pl.Int64)
    frame = FRAME.lazy().with_columns(trap=trap)
    parts = read_chunks(frame, [pl.col("a")], max_rows=10, width=1)
    assert sum(map(len, parts)) == 23
