"""Spark gives the very bytes that Polars gives, and the rows in the same order."""

from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest

from fieldwise.data.engines.engine import ROW, collect
from fieldwise.data.engines.spark import SparkEngine
from fieldwise.data.readers import read_table, table_fingerprint
from fieldwise.data.splits import RandomSplit
from fieldwise.errors import DataError
from fieldwise.schema import CategoricalField, Label, NumericField, Schema


@pytest.fixture(scope="session")
def engine(spark, files):
    return SparkEngine(spark, [str(files)])


def test_bytes(engine, files, full_schema, expected, found):
    split = RandomSplit(valid=0.2, test=0.1, seed=3)

    result = found(engine, full_schema, split=split)

    assert result == expected([str(files)], full_schema, split=split)


def test_bytes_of_whole_groups(engine, files, full_schema, expected, found):
    fields = (CategoricalField("rare", max_size=4), NumericField("pay", "quantile"))
    labels = (Label("rank", positive=3), Label("site", positive="é"), Label("half"))
    schema = replace(full_schema, fields=fields, labels=labels, group="number")

    result = found(engine, schema, seed=1)

    assert result == expected([str(files)], schema, seed=1)


def test_order_and_types(engine, files):
    table = read_table([str(files)]).collect()
    plain = ["number", "site", "day", "moment", "zoned", "pay", "code", "price", "tags"]

    rows = collect(engine.table.select(ROW, *plain)).sort(ROW)

    assert engine.types == table.schema
    assert engine.num_rows == len(table)
    assert rows[ROW].to_list() == list(range(len(table)))
    for name in plain:
        assert rows[name].cast(table.schema[name]).equals(table[name]), name


def test_upload_keep_and_cut(engine):
    frame = pl.DataFrame({ROW: [2, 0, 1], "x": [[1, 2, 3], [], None]})

    with engine.kept(engine.upload(frame), ordered=True) as kept:
        short = engine.last_items(kept, "x", 2)
        rows = collect(short.filter(nw.col(ROW) < 3)).sort(ROW)
        items = collect(short.select("x").explode("x"))

    assert rows["x"].to_list() == [[], None, [2, 3]]
    assert items["x"].sort().to_list() == [None, None, 2, 3]
    assert len(collect(engine.upload(frame.head(0)))) == 0


def test_sums_are_those_of_polars(engine, make_polars, files):
    """Group-by, join and row number, as the same Narwhals code."""
    weights = pl.DataFrame({"site": ["é", "Z", "a"], "x": [3, 5, 7]})

    def query(on):
        joined = on.table.join(on.upload(weights), on="site", how="left")
        summed = joined.group_by("part").agg(
            nw.len().cast(nw.Int64).alias("rows"),
            nw.col("x").sum(),
            nw.col(ROW).sum(),
        )
        return collect(summed).sort("part")

    assert query(engine).equals(query(make_polars([str(files)])))


def test_folders_and_urls(spark, tmp_path, expected, found):
    for day, sites in {"10": "abca", "9": "bbé"}.items():
        folder = tmp_path / "log" / f"day={day}"
        folder.mkdir(parents=True)
        click = [row % 2 for row in range(len(sites))]
        table = pl.DataFrame({"site": list(sites), "click": click, "a.b": click})
        table.write_parquet(folder / "x.parquet")
    names = [CategoricalField(name, min_count=1) for name in ("site", "day")]
    schema = Schema(tuple(names), labels=(Label("click"),))
    source = [str(tmp_path / "log")]
    wanted = expected(source, schema)

    paths = SparkEngine(spark, source, ignore=["a.b"])
    urls = SparkEngine(spark, [f"file://{source[0]}"], ignore=["a.b"])

    assert paths.types == read_table(source).drop("a.b").collect_schema()
    assert found(paths, schema) == wanted
    assert found(urls, schema) == wanted
    assert paths.fingerprint() == table_fingerprint(source)
    assert len(urls.fingerprint()) == 64
    assert urls.fingerprint() != paths.fingerprint()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"x": pl.Series([1], dtype=pl.UInt32)}, "of types Spark has, got {'x': 'UI"),
        ({"x": pl.Series([[1]], dtype=pl.List(pl.UInt8))}, "{'x': 'List.UInt8"),
        ({"x": [None]}, "got {'x': 'Null'}"),
        ({"a.b": [1], "c`d": [1]}, r"no dot and no backtick, got \['a.b', 'c`d'\]"),
    ],
)
def test_columns_spark_cannot_read(spark, tmp_path, table, message):
    pl.DataFrame({**table, "y": [1]}).write_parquet(tmp_path / "x.parquet")

    with pytest.raises(DataError, match=message):
        SparkEngine(spark, [str(tmp_path)])
    engine = SparkEngine(spark, [str(tmp_path)], ignore=list(table))
    assert list(engine.types) == ["y"]


def test_sources_spark_cannot_read(spark, tmp_path, files):
    (tmp_path / "x.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match="must be Parquet files for the engine 'spark'"):
        SparkEngine(spark, [str(tmp_path / "x.csv")])
    with pytest.raises(DataError, match="must be paths or URLs, got both"):
        SparkEngine(spark, ["s3a://bucket/x", str(files)])
    with pytest.raises(DataError, match=r"Parquet that Spark can read.*PATH_NOT_FOUND"):
        SparkEngine(spark, [f"file://{tmp_path}/none"])
    with pytest.raises(DataError, match=r"ignore must be columns .* got \['none'\]"):
        SparkEngine(spark, [str(files)], ignore=["none"])


def test_files_of_different_types(spark, tmp_path):
    for number, dtype in enumerate([pl.Int32, pl.Int64]):
        column = pl.Series("x", [1], dtype=dtype)
        column.to_frame().write_parquet(tmp_path / f"{number}.parquet")

    with pytest.raises(DataError, match=r"got others in \['1.parquet'\]"):
        SparkEngine(spark, [str(tmp_path)])
