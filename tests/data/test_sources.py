"""Which files a path, folder or pattern stands for."""

import pytest

from fieldwise.data._sources import find_files
from fieldwise.errors import DataError


@pytest.fixture
def folder(tmp_path):
    names = [
        "b/2.csv", "b/10.csv", "a.parquet", "notes.md", "_SUCCESS", ".hidden.csv",
        "_temporary/1.csv", "b/1.csv.gz", "b/1.parquet.gz",
    ]  # fmt: skip
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def names_of(*sources):
    return [file.name for file in find_files(sources)]


def test_a_folder_gives_its_data_files_in_order_of_name(folder):
    assert names_of(folder) == ["a.parquet", "b/1.csv.gz", "b/10.csv", "b/2.csv"]


def test_a_pattern_gives_its_matches_in_order_of_name(folder):
    assert names_of(str(folder / "**" / "*.csv")) == ["b/10.csv", "b/2.csv"]
    assert names_of(str(folder / "?")) == ["b/1.csv.gz", "b/10.csv", "b/2.csv"]


def test_a_list_keeps_its_order(folder):
    assert names_of(folder / "b" / "2.csv", folder / "a.parquet") == [
        "b/2.csv",
        "a.parquet",
    ]


def test_a_file_has_its_own_name(folder):
    (file,) = find_files([folder / "b" / "1.csv.gz"])

    assert (file.name, file.format, file.partition) == ("1.csv.gz", "csv", ())


def test_home_and_working_directory(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.chdir(folder / "b")

    assert names_of("~/a.parquet") == ["a.parquet"]
    assert names_of("2.csv") == ["2.csv"]
    assert names_of("*.csv") == ["10.csv", "2.csv"]


@pytest.mark.parametrize("name", ["X.CSV", "x.Csv.GZ", "a.b.tsv"])
def test_extensions_in_any_case(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")

    assert find_files([tmp_path / name])[0].format == "csv"


def test_all_problems_are_told_at_once(folder):
    (folder / "empty.csv").touch()
    (folder / "bare").mkdir()
    sources = ["no.csv", "no*.csv", folder / "bare", folder / "notes.md"]
    with pytest.raises(DataError) as caught:
        find_files([*sources, folder / "b/1.parquet.gz", folder / "empty.csv"])

    text = str(caught.value)
    assert "a file that exists, got 'no.csv'" in text
    assert "match at least one file, got 'no*.csv'" in text
    assert f"a folder with data files, got '{folder}/bare'" in text
    assert f"got ['{folder}/notes.md', '{folder}/b/1.parquet.gz']. Known are" in text
    assert ".csv, .tsv, .ndjson" in text
    assert f"must not be empty, got ['{folder}/empty.csv']" in text


def test_remote_paths_are_pointed_to_polars():
    with pytest.raises(DataError, match=r"polars.scan_parquet"):
        find_files(["s3://bucket/x.parquet"])


def test_folders_with_different_keys(tmp_path):
    for name in ("day=1/a.csv", "hour=1/a.csv", "day=2/a.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(
        DataError, match=r"'hour=1/a.csv' lacks \['day'\] and has \['hour'\] on top"
    ):
        find_files([tmp_path])
