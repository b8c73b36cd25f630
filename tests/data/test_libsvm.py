"""libsvm and libFM text, in the layout the file itself suggests."""

import gzip
import random

import polars as pl
import pytest

from fieldwise.data.libsvm import MAX_DENSE_INDEX, scan_libsvm
from fieldwise.data.readers import read_table
from fieldwise.errors import DataError


def read(tmp_path, text, name="x.libsvm"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return scan_libsvm([tmp_path / name]).collect()


def read_by_hand(text):
    """Plain Python: one (label, group, {index: value}) per line."""
    rows = []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        pairs = [word.split(":") for word in words[1:]]
        group = next((int(value) for key, value in pairs if key == "qid"), None)
        entries = {int(key): float(value) for key, value in pairs if key != "qid"}
        rows.append((float(words[0]), group, entries))
    return rows


def test_equal_counts_of_ones_are_fields(tmp_path):
    frame = read(tmp_path, "1 3:1 17:1\n0 4:1 9:1.0\n")

    assert frame.to_dict(as_series=False) == {
        "label": [1, 0],
        "field_1": [3, 4],
        "field_2": [17, 9],
    }
    assert set(frame.dtypes) == {pl.Int64}


def test_unequal_counts_of_ones_are_one_list(tmp_path):
    frame = read(tmp_path, "+1 3:1 17:1\n-1\n1 4:1\n")

    assert frame.schema == {"label": pl.Int64, "features": pl.List(pl.Int64)}
    assert frame["label"].to_list() == [1, -1, 1]
    assert frame["features"].to_list() == [[3, 17], [], [4]]


def test_other_values_are_numeric_columns(tmp_path):
    frame = read(tmp_path, "0.5 1:2.5 4:-1e-3\n2\n1 2:1\n")

    # Index 3 never occurs, yet has its column: another file may mention it.
    assert frame.to_dict(as_series=False) == {
        "label": [0.5, 2.0, 1.0],
        "x_1": [2.5, 0.0, 0.0],
        "x_2": [0.0, 0.0, 1.0],
        "x_3": [0.0, 0.0, 0.0],
        "x_4": [-0.001, 0.0, 0.0],
    }


def test_indices_may_start_at_zero(tmp_path):
    assert read(tmp_path, "1 0:2 1:3\n").to_dict(as_series=False) == {
        "label": [1],
        "x_0": [2.0],
        "x_1": [3.0],
    }


@pytest.mark.parametrize("layout", ["2:1 5:1", "2:1", "2:0.5"])
def test_groups_comments_and_blank_lines(tmp_path, layout):
    text = f"# made by hand\n\n1 qid:7 {layout} # first\n  0\tqid:8\t2:1 5:1  \r\n"

    frame = read(tmp_path, text)

    assert frame["label"].to_list() == [1, 0]
    assert frame["group"].to_list() == [7, 8]
    assert frame.height == 2


def test_random_text_equals_plain_python(tmp_path):
    generator = random.Random(0)
    lines = []
    for number in range(200):
        indices = sorted(generator.sample(range(1, 30), generator.randrange(6)))
        pairs = " ".join(f"{i}:{generator.gauss(0, 1):.4g}" for i in indices)
        lines.append(f"{generator.randrange(2)} qid:{number // 10} {pairs}")
    text = "\n".join(lines)
    expected = read_by_hand(text)
    width = max(index for _, _, entries in expected for index in entries)

    frame = read(tmp_path, text)

    names = [f"x_{index}" for index in range(1, width + 1)]
    assert frame.columns == ["label", "group", *names]
    for row, (label, group, entries) in zip(frame.rows(), expected, strict=True):
        values = [entries.get(index, 0.0) for index in range(1, width + 1)]
        assert row == (label, group, *values)


def test_layout_is_that_of_all_files(tmp_path):
    (tmp_path / "1.libfm").write_text("1 3:1 4:1\n")
    (tmp_path / "2.svm.gz").write_bytes(gzip.compress(b"0 5:1\n"))

    frame = read_table(tmp_path).collect(engine="streaming")

    assert frame["features"].to_list() == [[3, 4], [5]]


def test_dense_files_in_folders(tmp_path):
    for day in (1, 2):
        (tmp_path / f"day={day}").mkdir()
        (tmp_path / f"day={day}" / "x.svm").write_text(f"1 {day}:0.5\n")

    frame = read_table(tmp_path).collect()

    assert frame.select("day", "x_1", "x_2").rows() == [(1, 0.5, 0.0), (2, 0.0, 0.5)]
    assert read_table(tmp_path).select("x_2").collect().rows() == [(0.0,), (0.5,)]


@pytest.mark.parametrize("text", ["1\n0\n", "# nothing but a comment\n", "\n\n"])
def test_rows_without_entries(tmp_path, text):
    frame = read(tmp_path, text)

    assert frame.columns == ["label"]
    assert frame["label"].to_list() == ([1, 0] if text[0] == "1" else [])


@pytest.mark.parametrize(
    "line",
    [
        "1 3:1 4", "1 3:x", "1 3: 1", "a 3:1", "3:1", "1 3:1 qid:2", "1,2 3:1",
        "1 -3:1", "1 9999999999999999999:1", "1 3:nan",
    ],
)  # fmt: skip
def test_malformed_lines_are_told_once(tmp_path, line):
    (tmp_path / "1.svm").write_text("1 3:1\n")
    (tmp_path / "2.svm").write_text(f"# head\n1 3:1\n\n{line}\n0 4:1\nbad\n")
    with pytest.raises(DataError) as caught:
        read_table(tmp_path)

    expected = f"got '{line}' in line 4 of '{tmp_path}/2.svm' (2 malformed lines"
    assert expected in str(caught.value)


def test_largest_dense_index(tmp_path):
    assert read(tmp_path, f"1 {MAX_DENSE_INDEX}:2\n").width == MAX_DENSE_INDEX + 1
    with pytest.raises(DataError, match=r"up to 10000 .*got 10001 in .*Parquet"):
        read(tmp_path, f"1 {MAX_DENSE_INDEX + 1}:2\n")
    # As values 1 it is a feature, and any size will do.
    assert read(tmp_path, f"1 {10**17}:1\n")["field_1"].to_list() == [10**17]
