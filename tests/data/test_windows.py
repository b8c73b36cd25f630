"""Windows of a table: every row once, in order, and only what was asked for."""

import gc

import numpy as np
import polars as pl
import pytest

from fieldwise.data import _windows
from fieldwise.data._windows import chosen_rows, one_ahead, windows

FRAME = pl.DataFrame({"a": range(50), "b": [f"v{i}" for i in range(50)]})
SOURCES = ["memory", "parquet", "ipc", "csv", "two files", "filtered"]


@pytest.fixture
def table(request, tmp_path):
    half = FRAME.slice(0, 20), FRAME.slice(20)
    paths = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    for part, path in zip(half, paths, strict=True):
        part.write_parquet(path)
    FRAME.write_parquet(tmp_path / "x.parquet", row_group_size=9)
    FRAME.write_ipc(tmp_path / "x.arrow")
    FRAME.write_csv(tmp_path / "x.csv")
    parquet = pl.scan_parquet(tmp_path / "x.parquet")
    return {
        "memory": FRAME.lazy(),
        "parquet": parquet,
        "ipc": pl.scan_ipc(tmp_path / "x.arrow"),
        "csv": pl.scan_csv(tmp_path / "x.csv"),
        "two files": pl.scan_parquet(paths),
        "filtered": parquet.filter(pl.col("a") >= 0),
    }[request.param]


@pytest.mark.parametrize("table", SOURCES, indirect=True)
@pytest.mark.parametrize("num_rows", [1, 7, 25, 50, 51])
def test_every_row_once_and_in_order(table, num_rows):
    parts = list(windows(table, [pl.col("b"), -pl.col("a")], num_rows))
    expected = FRAME.select("b", -pl.col("a"))
    assert pl.concat(parts).equals(expected)
    assert max(map(len, parts)) <= num_rows


@pytest.mark.parametrize("table", SOURCES, indirect=True)
def test_chosen_rows_are_those_of_a_filter(table):
    is_chosen = np.random.default_rng(0).random(50) < 0.3
    expected = FRAME.filter(pl.Series(is_chosen))
    chosen = chosen_rows(table, is_chosen)

    assert pl.concat(windows(chosen, [pl.all()], 7)).equals(expected)
    assert chosen.collect().equals(expected)
    assert chosen.collect_schema() == FRAME.schema


@pytest.mark.parametrize("source_rows", [3, 1000])
def test_chosen_rows_in_a_query(monkeypatch, source_rows):
    monkeypatch.setattr(_windows, "SOURCE_ROWS", source_rows)
    is_chosen = np.arange(50) % 3 == 0
    expected = FRAME.filter(pl.Series(is_chosen))
    chosen = chosen_rows(FRAME.lazy(), is_chosen)

    assert chosen.select(pl.len()).collect().item() == 17
    assert chosen.select("b").head(4).collect().equals(expected.select("b").head(4))
    assert chosen.head(0).collect().equals(expected.head(0))
    late = pl.col("a") > 30
    assert chosen.filter(late).collect().equals(expected.filter(late))
    assert chosen.filter(late).head(2).collect().equals(expected.filter(late).head(2))
    both = pl.concat([chosen, chosen]).collect(engine="streaming")
    assert both.equals(pl.concat([expected, expected]))


def test_a_choice_among_chosen_rows():
    once = chosen_rows(FRAME.lazy(), np.arange(50) % 2 == 0)
    twice = chosen_rows(once, np.arange(25) % 5 == 0)
    expected = FRAME.filter(pl.col("a") % 10 == 0)
    assert pl.concat(windows(twice, [pl.all()], 4)).equals(expected)
    assert twice.collect().equals(expected)
    assert twice.collect(engine="streaming").equals(expected)


def test_windows_without_a_chosen_row_are_passed_over():
    chosen = chosen_rows(FRAME.lazy(), np.arange(50) >= 40)
    parts = list(windows(chosen, [pl.all()], 5))
    assert [len(part) for part in parts] == [5, 5]


def test_choices_are_forgotten_with_their_frames():
    gc.collect()
    before = len(_windows._CHOICES)
    chosen = chosen_rows(FRAME.lazy(), np.ones(50, dtype=bool))
    assert len(_windows._CHOICES) == before + 1
    del chosen
    gc.collect()
    assert len(_windows._CHOICES) == before


@pytest.mark.parametrize("table", ["parquet", "ipc"], indirect=True)
def test_one_columnar_file_is_read_by_slices(table):
    # If a new version of Polars prints its plans another way, tables are read in
    # batches, which takes more memory: this test tells.
    assert _windows._source_of(table.select("b", pl.col("a") + 1)) is not None


@pytest.mark.parametrize(
    "table", ["memory", "csv", "two files", "filtered"], indirect=True
)
def test_others_are_not(table):
    assert _windows._source_of(table) is None


@pytest.mark.parametrize(
    ("max_rows", "lengths"),
    [
        # Row groups of 9, 9, 9, 9, 9 and 5 rows.
        (9, [9, 9, 9, 9, 9, 5]),
        (20, [18, 18, 14]),
        (1000, [50]),
        # Groups larger than a window are cut; a rest takes in no following group.
        (4, [4, 4, 1] * 5 + [4, 1]),
    ],
)
def test_windows_follow_row_groups(tmp_path, max_rows, lengths):
    FRAME.write_parquet(tmp_path / "x.parquet", row_group_size=9)
    path = str(tmp_path / "x.parquet")
    assert list(_windows._group_lengths(path, max_rows)) == lengths


def test_one_ahead():
    made = []

    def items():
        for item in range(4):
            made.append(item)
            yield item

    ahead = one_ahead(items())
    assert next(ahead) == 0
    assert next(ahead) == 1
    assert len(made) <= 3
    assert list(ahead) == [2, 3]


def test_an_error_of_the_reader_is_raised():
    def items():
        yield 1
        raise KeyError

    ahead = one_ahead(items())
    assert next(ahead) == 1
    with pytest.raises(KeyError):
        next(ahead)
