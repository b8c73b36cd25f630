"""Files of scores are whole, or not there."""

import polars as pl
import pytest

from fieldwise.cli.score_files import check_form, new_score_file
from fieldwise.errors import DataError

CHUNKS = [
    pl.DataFrame(
        {"key": [], "probability": []},
        schema={"key": pl.String, "probability": pl.Float64},
    ),
    pl.DataFrame({"key": ["a,b", None], "probability": [0.25, 0.5]}),
    pl.DataFrame({"key": ["c"], "probability": [1.0]}),
]
READERS = {"x.parquet": pl.read_parquet, "x.csv": pl.read_csv, "x.CSV": pl.read_csv}


def write(path, chunks, *, overwrite=False):
    with new_score_file(path, overwrite=overwrite) as file:
        for chunk in chunks:
            file.write(chunk)


@pytest.mark.parametrize("name", READERS)
def test_chunks_are_one_table(name, tmp_path):
    path = tmp_path / "new" / name

    write(path, CHUNKS)

    assert READERS[name](path).rows() == [("a,b", 0.25), (None, 0.5), ("c", 1.0)]
    assert [file.name for file in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", READERS)
def test_no_rows(name, tmp_path):
    write(tmp_path / name, CHUNKS[:1])

    table = READERS[name](tmp_path / name)
    assert (table.columns, len(table)) == (["key", "probability"], 0)


@pytest.mark.parametrize("name", READERS)
def test_nothing_is_left_of_a_failure(name, tmp_path):
    (tmp_path / name).write_text("old")

    def chunks():
        yield CHUNKS[1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / name, chunks(), overwrite=True)

    assert (tmp_path / name).read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_other_types_of_keys(tmp_path):
    table = pl.DataFrame(
        {
            "group": pl.Series(["a", "b"], dtype=pl.Categorical),
            "items": [["x"], []],
            "at": pl.Series([0, None], dtype=pl.Datetime("us")),
            "big": pl.Series([2**63, 1], dtype=pl.UInt64),
        }
    )

    write(tmp_path / "x.parquet", [table.head(0), table.head(1), table.tail(1)])

    read = pl.read_parquet(tmp_path / "x.parquet")
    assert read.with_columns(pl.col("group").cast(pl.String)).rows() == table.rows()


def test_overwrite(tmp_path):
    write(tmp_path / "x.csv", CHUNKS)
    with pytest.raises(
        DataError, match=r"must be a file that does not exist.*--overwrite"
    ):
        write(tmp_path / "x.csv", CHUNKS)

    write(tmp_path / "x.csv", CHUNKS[:1], overwrite=True)

    assert (tmp_path / "x.csv").read_text() == "key,probability\n"


def test_folders_are_not_replaced(tmp_path):
    (tmp_path / "x.csv").mkdir()

    with pytest.raises(DataError, match="must be a file"):
        write(tmp_path / "x.csv", CHUNKS, overwrite=True)


def test_unknown_extension(tmp_path):
    with pytest.raises(
        DataError, match=r"--out must end in .parquet or .csv, got '.*txt'"
    ):
        write(tmp_path / "x.txt", CHUNKS)


def test_lists_need_parquet(tmp_path):
    rows = pl.LazyFrame({"user": [1], "items": [["x"]]})

    check_form(tmp_path / "x.parquet", rows, ["user", "items"])
    check_form(tmp_path / "x.csv", rows, ["user"])
    with pytest.raises(DataError, match=r"to hold lists, got .* columns \['items'\]"):
        check_form(tmp_path / "x.csv", rows, ["user", "items"])
