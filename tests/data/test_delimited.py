"""Types of CSV columns: exact where they are numbers, untouched where they are not."""

import random

import polars as pl
import pytest

from fieldwise.data._delimited import read_header, scan_delimited
from fieldwise.data._text_types import parse_columns
from fieldwise.errors import DataError


def read(tmp_path, text, name="x.csv"):
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return scan_delimited([tmp_path / name]).collect()


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        (["1", "-2"], pl.Int64, [1, -2]),
        (["0", "10"], pl.Int64, [0, 10]),
        ([str(2**63 - 1), str(-(2**63))], pl.Int64, [2**63 - 1, -(2**63)]),
        ([str(2**63), "0"], pl.UInt64, [2**63, 0]),
        ([str(2**64), "0"], pl.String, [str(2**64), "0"]),
        ([str(2**63), "-1"], pl.String, [str(2**63), "-1"]),
        (["00123", "4"], pl.String, ["00123", "4"]),
        (["+49", "1"], pl.String, ["+49", "1"]),
        (["1", "2.5"], pl.Float64, [1.0, 2.5]),
        (["1e-3", ".5", "5.", "-inf"], pl.Float64, [0.001, 0.5, 5.0, float("-inf")]),
        (["true", "FALSE"], pl.Boolean, [True, False]),
        (["true", "1"], pl.String, ["true", "1"]),
        (["2024-01-31", "x"], pl.String, ["2024-01-31", "x"]),
        # Marks of the missing are null among numbers, and text among text.
        (["1", "NA", "", r"\N", "NaN"], pl.Int64, [1, None, None, None, None]),
        (["1.5", "null"], pl.Float64, [1.5, None]),
        (["true", "None"], pl.Boolean, [True, None]),
        (["NA", "US"], pl.String, ["NA", "US"]),
        (["NA", "NULL"], pl.String, ["NA", "NULL"]),
        ([" 7", "8 "], pl.Int64, [7, 8]),
        ([" True", "false"], pl.Boolean, [True, False]),
        ([" x", "y "], pl.String, [" x", "y "]),
    ],
)
def test_type_of_a_column(tmp_path, values, dtype, expected):
    lines = "".join(f"{value},0\n" for value in values)

    column = read(tmp_path, f"a,b\n{lines}")["a"]

    assert column.dtype == dtype
    assert column.to_list() == expected
    parsed = parse_columns(pl.DataFrame({"a": values}))["a"]
    assert (parsed.dtype, parsed.to_list()) == (dtype, expected)


def test_empty_is_null_and_quoted_empty_is_text(tmp_path):
    assert read(tmp_path, 'a,b\n,1\n"",2\nx,3\n')["a"].to_list() == [None, "", "x"]


def test_a_late_text_decides(tmp_path):
    lines = "".join(f"{i},{i}\n" for i in range(5000))

    frame = read(tmp_path, f"a,b\n{lines}x,1.5\n")

    assert frame.row(-1) == ("x", 1.5)
    assert frame.row(0) == ("0", 0.0)


def test_a_late_large_integer_decides(tmp_path):
    lines = "1\n" * 5000

    assert read(tmp_path, f"a\n{lines}{2**63 + 5}\n")["a"].to_list()[-1] == 2**63 + 5


def test_floats_are_exact(tmp_path):
    generator = random.Random(0)
    values = [generator.uniform(-1, 1) * 10 ** generator.randint(-30, 30)]
    values += [5e-324, 1.7976931348623157e308, 0.1, 1 / 3]
    text = "".join(f"{value!r}\n" for value in values)

    assert read(tmp_path, f"a\n{text}")["a"].to_list() == values


@pytest.mark.parametrize(
    ("name", "header", "delimiter"),
    [
        ("x.csv", "a,b", ","),
        ("x.csv", "a;b", ";"),
        ("x.csv", "a|b|c", "|"),
        ("x.csv", "a\tb", "\t"),
        ("x.csv", "a", ","),
        ("x.csv", '"a;b;c",d', ","),
        ("x.tsv", "a,b,c", "\t"),
        ("X.TSV", "a,b,c", "\t"),
    ],
)
def test_delimiter(tmp_path, name, header, delimiter):
    (tmp_path / name).write_text(header + "\n")

    assert read_header(tmp_path / name).delimiter == delimiter


def test_semicolons_are_read(tmp_path):
    assert read(tmp_path, "a;b\n1;x,y\n").rows() == [(1, "x,y")]


def test_files_with_different_delimiters(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,x\n")
    (tmp_path / "2.csv").write_text("b;a\ny;02\n")
    (tmp_path / "3.csv").write_text("a,b\n3,z\n")
    paths = [tmp_path / f"{number}.csv" for number in (1, 2, 3)]

    frame = scan_delimited(paths, path_column="file").collect()

    assert frame["a"].to_list() == ["1", "02", "3"]
    assert frame["b"].to_list() == ["x", "y", "z"]
    assert frame["file"].to_list() == [str(path) for path in paths]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfa,b\n1,x\n",  # the byte order mark of spreadsheets
        b"a,b\r\n1,x\r\n",
        b"\n\na,b\n1,x\n\n\n",
        b'"a","b"\n"1","x"\n',
        b"a,b\n1,x",
    ],
)
def test_forms_of_the_same_table(tmp_path, text):
    frame = read(tmp_path, text)

    assert frame.columns == ["a", "b"]
    assert frame.rows() == [(1, "x")]


def test_blank_lines_are_values_in_a_single_column(tmp_path):
    assert read(tmp_path, "a\n1\n\n3\n")["a"].to_list() == [1, None, 3]


def test_a_header_alone_is_a_table(tmp_path):
    frame = read(tmp_path, "a,b\n")

    assert frame.schema == {"a": pl.String, "b": pl.String}
    assert frame.height == 0


def test_names_with_quotes_breaks_and_nothing(tmp_path):
    assert read(tmp_path, '"x ""y""","1\n2",\n1,2,3\n').columns == [
        'x ""y""',  # Polars leaves doubled quotes in names as they are
        "1\n2",
        "",
    ]


def test_doubled_names_are_all_listed(tmp_path):
    with pytest.raises(DataError, match=r"got \['a', 'b'\] more than once in '.*x.csv"):
        read(tmp_path, "a,b,a,b,c\n1,2,3,4,5\n")


def test_the_damaged_file_of_several_is_named(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "2.csv").write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(DataError, match=r"CSV, got '[^']*2\.csv': found more fields"):
        scan_delimited([tmp_path / "1.csv", tmp_path / "2.csv"])


def test_utf16_is_refused(tmp_path):
    with pytest.raises(DataError, match="readable UTF-8 text"):
        read(tmp_path, "a,b\n1,2\n".encode("utf-16"))
