"""Tables of every format give the same values; what cannot be read says why."""

import gzip

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from polars.testing import assert_frame_equal

from fieldwise.data.readers import read_table, table_fingerprint
from fieldwise.errors import DataError

# Ids just beyond 32 bits, beyond what a float64 counts, and beyond a signed 64.
IDS = [2**31 + 1, 2**53 + 1, 2**63 + 5]


@pytest.fixture
def table():
    return pl.DataFrame(
        {
            "id": pl.Series(IDS, dtype=pl.UInt64),
            "small": pl.Series([2**31 + 1, -(2**53) - 1, None], dtype=pl.Int64),
            "price": [0.1, -2.5e-7, None],
            "site": ["a,b", "", "00123"],
            "seen": [True, None, False],
        }
    )


def write_zst(path, data):
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(data)


def write(table, path):
    """Write a table in the format of the extension."""
    text = {
        "csv": table.write_csv,
        "tsv": lambda: table.write_csv(separator="\t"),
        "ndjson": table.write_ndjson,
        "jsonl": table.write_ndjson,
    }
    kind = path.name.split(".")[1]
    match path.suffix:
        case ".parquet":
            table.write_parquet(path)
        case ".arrow" | ".feather" | ".ipc":
            table.write_ipc(path)
        case ".gz":
            path.write_bytes(gzip.compress(text[kind]().encode()))
        case ".zst":
            write_zst(path, text[kind]().encode())
        case _:
            path.write_text(text[kind](), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "extension",
    [
        "csv", "csv.gz", "csv.zst", "tsv", "tsv.gz",
        "ndjson", "jsonl", "ndjson.gz", "jsonl.zst",
        "parquet", "arrow", "feather", "ipc",
    ],
)  # fmt: skip
def test_every_file_format_gives_the_same_table(table, tmp_path, extension):
    path = write(table, tmp_path / f"table.{extension}")

    frame = read_table(path)

    assert isinstance(frame, pl.LazyFrame)
    assert_frame_equal(frame.collect(), table)
    assert_frame_equal(read_table(str(path)).collect(engine="streaming"), table)


@pytest.mark.parametrize(
    "convert",
    [
        lambda t: t,
        lambda t: t.lazy(),
        lambda t: t.to_arrow(),
        lambda t: t.to_arrow().to_batches()[0],
        lambda t: t.to_arrow().to_reader(),
        lambda t: t.to_dict(as_series=False),
        lambda t: t.to_dicts(),
        lambda t: t.to_pandas(use_pyarrow_extension_array=True),
    ],
    ids=["frame", "lazy", "table", "batch", "reader", "dict", "dicts", "pandas"],
)
def test_every_table_in_memory_gives_the_same_values(table, convert):
    assert_frame_equal(read_table(convert(table)).collect(), table)


def test_numpy_backed_pandas_keeps_ids_and_loses_the_index():
    frame = pd.DataFrame({"id": IDS, 3: [1.5, np.nan, 2.0]}, index=[7, 8, 9])

    read = read_table(frame).collect()

    assert read.columns == ["id", "3"]
    assert read["id"].to_list() == IDS
    assert read["3"].to_list() == [1.5, None, 2.0]


def test_pandas_with_doubled_columns_lists_all_of_them():
    frame = pd.DataFrame(np.zeros((1, 5)), columns=list("abacb"))
    with pytest.raises(DataError, match=r"got \['a', 'b'\] more than once"):
        read_table(frame)


def test_arrow_with_doubled_columns_lists_them():
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(DataError, match=r"got \['a'\] more than once"):
        read_table(table)


def test_dicts_unite_their_keys_and_types():
    rows = [{"a": 1}] * 150 + [{"b": "x", "a": 2.5}]

    read = read_table(rows).collect()

    assert read.schema == {"a": pl.Float64, "b": pl.String}
    assert read.row(-1) == (2.5, "x")
    assert read["b"].null_count() == 150


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([1, "x"], ["1", "x"]),
        ([None, 2**63 + 5], [None, 2**63 + 5]),
        # Neither 64-bit type holds both ends: text keeps them exact.
        ([-1, 2**63 + 5], ["-1", str(2**63 + 5)]),
        ([2**64], [str(2**64)]),
        ([[1, 2], []], [[1, 2], []]),
    ],
)
def test_python_values_of_mixed_type(values, expected):
    assert read_table({"a": values}).collect()["a"].to_list() == expected


def test_lists_of_unequal_length():
    with pytest.raises(DataError, match="height of column 'b'"):
        read_table({"a": [1, 2], "b": [1]})


def test_mixed_pandas_objects():
    with pytest.raises(DataError, match="one type of values per column"):
        read_table(pd.DataFrame({"a": pd.Series([1, "x"], dtype=object)}))


@pytest.mark.parametrize("source", [None, 3, np.zeros(3), b"x", {1, 2}])
def test_no_table_at_all(source):
    with pytest.raises(DataError, match="source must be a path"):
        read_table(source)


def test_empty_list():
    with pytest.raises(DataError, match="got an empty list"):
        read_table([])


def test_paths_among_dicts():
    with pytest.raises(DataError, match="got both"):
        read_table(["a.csv", {"a": 1}])


def test_files_are_read_in_the_order_given_and_columns_by_name(tmp_path):
    pl.DataFrame({"a": [1], "b": [2]}).write_csv(tmp_path / "y.csv")
    pl.DataFrame({"b": [4], "a": [3]}).write_csv(tmp_path / "x.csv")

    read = read_table([tmp_path / "y.csv", tmp_path / "x.csv"]).collect()

    assert read.to_dict(as_series=False) == {"a": [1, 3], "b": [2, 4]}


def test_types_are_those_of_all_files(tmp_path):
    (tmp_path / "1.csv").write_text("a\n1\n")
    (tmp_path / "2.csv").write_text("a\nx\n")

    assert read_table(tmp_path).collect()["a"].to_list() == ["1", "x"]


def test_parquet_files_of_different_widths_meet_in_the_wider_type(tmp_path):
    narrow = pl.DataFrame({"b": ["x"], "a": pl.Series([1], dtype=pl.Int32)})
    narrow.write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": [2**40], "b": ["y"]}).write_parquet(tmp_path / "2.parquet")

    read = read_table(tmp_path / "*.parquet").collect()

    assert read.to_dict(as_series=False) == {"b": ["x", "y"], "a": [1, 2**40]}


def test_parquet_files_without_a_common_type(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": [["x"]]}).write_parquet(tmp_path / "2.parquet")
    with pytest.raises(DataError, match="columns of one type"):
        read_table(tmp_path)


@pytest.mark.parametrize("extension", ["csv", "parquet", "arrow"])
def test_every_deviating_file_is_listed(tmp_path, extension):
    for name, columns in {"1": "ab", "2": "ac", "3": "ab", "4": "abd"}.items():
        frame = pl.DataFrame({key: [0] for key in columns})
        write(frame, tmp_path / f"{name}.{extension}")
    with pytest.raises(
        DataError,
        match=rf"2.{extension}' lacks \['b'\] and has \['c'\] on top; "
        rf".*4.{extension}' has \['d'\] on top",
    ):
        read_table(tmp_path)


def test_formats_may_stand_side_by_side(tmp_path):
    pl.DataFrame({"a": [1], "b": ["x"]}).write_csv(tmp_path / "1.csv")
    pl.DataFrame({"b": ["y"], "a": [2]}).write_parquet(tmp_path / "2.parquet")

    assert read_table(tmp_path).collect().rows() == [(1, "x"), (2, "y")]


def test_ndjson_unites_the_keys_of_all_lines_and_files(tmp_path):
    (tmp_path / "1.ndjson").write_text('{"a": 1}\n{"a": 2, "b": [1, 2]}\n')
    (tmp_path / "2.ndjson").write_text('{"c": null, "a": 2.5}\n')

    read = read_table(tmp_path).collect()

    assert read.schema == {"a": pl.Float64, "b": pl.List(pl.Int64), "c": pl.String}
    assert read.rows() == [(1.0, None, None), (2.0, [1, 2], None), (2.5, None, None)]


def test_ndjson_types_may_show_late(tmp_path):
    lines = ['{"a": 1, "b": -1}'] * 3000 + ['{"a": "x", "b": 9223372036854775813}']
    (tmp_path / "t.ndjson").write_text("\n".join(lines))

    read = read_table(tmp_path / "t.ndjson").collect()

    assert read.row(-1) == ("x", str(2**63 + 5))
    assert read.row(0) == ("1", "-1")


def test_folders_give_columns(tmp_path):
    for day, hour in [("1", "00"), ("1", "01"), ("2", "__HIVE_DEFAULT_PARTITION__")]:
        folder = tmp_path / f"day={day}" / f"hour={hour}"
        folder.mkdir(parents=True)
        pl.DataFrame({"a": [int(day)]}).write_parquet(folder / "part.parquet")

    read = read_table(tmp_path).collect()

    expected = {"a": [1, 1, 2], "day": [1, 1, 2], "hour": ["00", "01", None]}
    assert read.to_dict(as_series=False) == expected
    assert_frame_equal(read_table(tmp_path / "day=*").collect(), read)
    # A single file is read as it is.
    assert read_table(folder / "part.parquet").collect().columns == ["a"]


@pytest.mark.parametrize("extension", ["csv", "ndjson.gz", "arrow"])
def test_folders_give_columns_in_every_format(tmp_path, extension):
    for site in ("a b", "c"):
        folder = tmp_path / f"site={site.replace(' ', '%20')}"
        folder.mkdir()
        write(pl.DataFrame({"a": [1, 2]}), folder / f"x.{extension}")

    read = read_table(tmp_path).collect()

    assert read.rows() == [(1, "a b"), (2, "a b"), (1, "c"), (2, "c")]


def test_a_column_in_the_file_wins_over_its_folder(tmp_path):
    (tmp_path / "day=1").mkdir()
    pl.DataFrame({"day": ["01"]}).write_csv(tmp_path / "day=1" / "x.csv")

    assert read_table(tmp_path).collect().rows() == [("01",)]


@pytest.mark.parametrize("extension", ["csv", "ndjson", "parquet", "arrow"])
def test_a_path_with_brackets_is_no_pattern(tmp_path, extension):
    folder = tmp_path / "day[1]" / ".." / "day[1]"
    (tmp_path / "day[1]").mkdir()
    write(pl.DataFrame({"a": [1]}), folder / f"x.{extension}")

    assert read_table(folder / f"x.{extension}").collect().rows() == [(1,)]
    assert read_table(folder).collect().rows() == [(1,)]


@pytest.mark.parametrize("extension", ["csv", "parquet", "arrow"])
def test_a_table_without_rows_is_read(tmp_path, extension):
    path = write(pl.DataFrame({"a": [], "b": []}), tmp_path / f"x.{extension}")

    read = read_table(path).collect()

    assert (read.columns, read.height) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.parquet", b"PAR1 and no more", "readable Parquet, got '.*x.parquet'"),
        ("x.arrow", b"ARROW1 and no more", "readable Arrow IPC .*x.arrow'"),
        ("x.ndjson", b'{"a": 1}\n{"a":\n', "readable NDJSON.*x.ndjson'"),
        ("x.ndjson", b"\n", "readable NDJSON.*x.ndjson'"),
        ("x.csv", b"", "must not be empty, got .*x.csv"),
        ("x.csv", b"\n\n", "must have a header line, got '.*x.csv'"),
        ("x.csv", b"a,b\n1,2\n3,4,5\n", "readable CSV, got '.*x.csv'"),
        ("x.csv", b"a,b\n1,2\n3,\xe9\n", "readable UTF-8 text, got '.*x.csv'"),
        ("x.csv.gz", b"\x1f\x8b and no more", "readable UTF-8 text, got '.*x.csv.gz'"),
        ("x.libsvm.gz", b"\x1f\x8b and no more", "readable libsvm text"),
    ],
)
def test_damaged_files_are_named(tmp_path, name, data, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / name)


def test_all_damaged_parquet_files_are_named(tmp_path):
    for number in (1, 2):
        (tmp_path / f"{number}.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"1\.parquet.*2\.parquet"):
        read_table(tmp_path)


def test_fingerprint_of_files_changes_with_name_size_and_content(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    first = table_fingerprint(path)

    assert table_fingerprint(tmp_path) == first
    path.write_text("a\n2\n")
    assert table_fingerprint(path) != first
    path.write_text("a\n1\n")
    assert table_fingerprint(path) == first
    assert table_fingerprint(path.rename(tmp_path / "y.csv")) != first


def test_fingerprint_knows_the_order_of_files(tmp_path):
    paths = [tmp_path / "1.csv", tmp_path / "2.csv"]
    for path in paths:
        path.write_text("a\n1\n")

    assert table_fingerprint(paths) != table_fingerprint(paths[::-1])


def test_fingerprint_is_the_same_for_the_same_values(table):
    first = table_fingerprint(table)

    assert table_fingerprint(table.lazy()) == first
    assert table_fingerprint(table.to_arrow()) == first
    assert table_fingerprint(table.select(sorted(table.columns))) == first
    assert table_fingerprint(table.with_columns(id=pl.col("id") + 1)) != first
    assert table_fingerprint(table.rename({"id": "key"})) != first


def test_fingerprint_of_a_reader_that_is_read_once(table):
    with pytest.raises(DataError, match="read_all"):
        table_fingerprint(table.to_arrow().to_reader())
