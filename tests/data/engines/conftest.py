"""A table with every kind of field, and the engines it is encoded on."""

import datetime as dt
import hashlib
import math
import os
import shutil
from contextlib import contextmanager

import narwhals as nw
import polars as pl
import pytest

from fieldwise.data.encoded_parts import encode_parts
from fieldwise.data.encoder_storage import write_encoder
from fieldwise.data.engines.dividing import divide_table
from fieldwise.data.engines.encoding import encode_on_engine
from fieldwise.data.engines.engine import ROW
from fieldwise.data.readers import read_table
from fieldwise.schema import (
    CategoricalField,
    Label,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

NUM_ROWS = 120


class PolarsEngine:
    """The smallest engine there is: what each method must do, in Polars."""

    def __init__(self, source):
        frame = read_table(source)
        self.types = frame.collect_schema()
        numbered = frame.with_row_index(ROW).with_columns(pl.col(ROW).cast(pl.Int64))
        arrays = [n for n, t in self.types.items() if isinstance(t, pl.Array)]
        lists = numbered.with_columns(pl.col(name).arr.to_list() for name in arrays)
        # An engine gives rows in no order.
        self.table = nw.from_native(lists.reverse())
        self.num_rows = lists.select(pl.len()).collect().item()

    def upload(self, frame):
        return nw.from_native(frame.lazy())

    @contextmanager
    def kept(self, frame, *, ordered):
        rows = (frame.sort(ROW) if ordered else frame).to_native().collect()
        yield nw.from_native(rows.lazy())

    def last_items(self, frame, column, max_length):
        short = pl.col(column).list.tail(max_length)
        return nw.from_native(frame.to_native().with_columns(short))


def every(period, values):
    """Repeat values, each ``period`` rows long, over all rows."""
    return [values[row // period % len(values)] for row in range(NUM_ROWS)]


def make_table():
    day = dt.date(2024, 2, 29)
    times = [dt.datetime(2024, 2, 29), dt.datetime(2024, 2, 29, 1, 2, 3, 45), None]
    return pl.DataFrame(
        {
            # Byte order and the order of letters differ; ties in counts; rare values.
            "site": every(1, ["é", "Z", "a", "", "\U0001f600", None, "ﬀ", "z", "A"]),
            "rare": [str(row % 60 // 2 * (row % 3)) for row in range(NUM_ROWS)],
            "number": every(2, [2**53, 2**53 + 1, None, -1, -(2**63), 2**63 - 1, 0]),
            "small": pl.Series(every(3, [1, -1, None, 127]), dtype=pl.Int8),
            "yes": every(1, [True, False, None, True, True]),
            "day": every(4, [day, None, day + dt.timedelta(1), dt.date(1899, 1, 1)]),
            "moment": every(5, times),
            "zoned": pl.Series(every(3, times)).dt.replace_time_zone("Europe/Berlin"),
            "whole": every(1, [1.0, 2.0, None, 2.0, math.nan, -0.0, 0.0]),
            "broken": pl.Series(every(1, [0.5, 1.0, 0.1, None]), dtype=pl.Float32),
            "price": pl.Series(every(2, ["1.50", "2.00", None])).cast(pl.Decimal(9, 2)),
            "code": pl.Series(every(7, ["x", "y", None]), dtype=pl.Categorical),
            "pay": every(1, [0.0, 3.5, -2.0, math.nan, 1e9, 7.25, 0.0, 1e-3]),
            "depth": [float(row * row % 97) for row in range(NUM_ROWS)],
            "phase": pl.Series(every(1, [0.1, 0.7, None, 5.5]), dtype=pl.Float32),
            "clicks": every(1, [1, 2, 3, 5, 8, 1000, None, 2]),
            "rank": every(1, [3, 1, 2, 2, 2, 9, 4]),
            "text": every(2, ["1", "2.5", None, "1e3"]),
            "tags": every(1, [["x", "y"], [], None, ["é", None, "x"], ["z"] * 5]),
            "seen": every(1, [[2**60, 1], [1], None, [3, 1, 2**60 + 1]]),
            "vector": every(1, [[0.5, -1.0], None, [1.0, None], [math.inf, 2.0]]),
            "array": pl.Series(every(1, [[1, 2], [3, 4]]), dtype=pl.Array(pl.Int16, 2)),
            "click": every(1, [0, 1, 0, None, 0, 1, 0]),
            "money": every(1, [1.5, 2.0, None, 9.0, math.nan]),
            "half": pl.Series(every(1, [0.5, -0.0, None, 0.0]), dtype=pl.Float32),
            "weight": every(1, [1.0, 0.5, 2.0]),
            "part": every(1, ["train", "train", "test", "train", "val", "train"]),
            "query": every(3, ["q2", "q10", None, "é", "q1", "Z", "q7", "q8", "q9"]),
        }
    )


SCHEMA = Schema(
    (
        CategoricalField("site"),
        CategoricalField("rare", min_count=3, max_size=7),
        SequenceField("tags", max_length=3),
        CategoricalField("number", min_count=1),
        CategoricalField("small"),
        CategoricalField("yes"),
        NumericField("pay", "ple", num_buckets=4),
        CategoricalField("day"),
        CategoricalField("moment"),
        CategoricalField("zoned"),
        CategoricalField("whole"),
        CategoricalField("broken", max_size=2),
        CategoricalField("price"),
        CategoricalField("code"),
        NumericField("depth", "standard"),
        NumericField("phase", "periodic"),
        NumericField("clicks", "log_square"),
        NumericField("rank", "quantile", num_buckets=3),
        NumericField("text", "standard"),
        SequenceField("seen", min_count=1, max_size=2),
        VectorField("vector"),
        VectorField("array"),
    ),
    labels=(Label("click"), Label("money", "real")),
    weight="weight",
    group="query",
)


def checksums(folder):
    """sha256 of every file below a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """The table in three files, the largest in the middle, in a strange folder."""
    folder = tmp_path_factory.mktemp("data") / "a b%20{c}[d]é"
    folder.mkdir()
    table = make_table()
    for number, (start, stop) in enumerate([(0, 15), (15, 90), (90, NUM_ROWS)]):
        table[start:stop].write_parquet(folder / f"{number}.parquet", row_group_size=20)
    return folder


@pytest.fixture
def expected(tmp_path):
    """A function: what ``encode_parts`` writes, as checksums by path."""

    def encode(source, schema, **settings):
        folder = tmp_path / "expected"
        shutil.rmtree(folder, ignore_errors=True)
        split, seed = settings.get("split"), settings.get("seed", 0)
        parts = divide_table(read_table(source), schema, split, seed=seed)
        encoded = encode_parts(parts, schema, folder, fingerprint="x", progress=False)
        write_encoder(encoded.encoder, folder / "encoder")
        return checksums(folder), encoded.unknown_shares

    return encode


@pytest.fixture
def found(tmp_path):
    """A function: what an engine makes of the same rows."""

    def encode(engine, schema, **settings):
        folder = tmp_path / "found"
        shutil.rmtree(folder, ignore_errors=True)
        encoded = encode_on_engine(
            engine, schema, folder, fingerprint="x", progress=False, **settings
        )
        write_encoder(encoded.encoder, folder / "encoder")
        return checksums(folder), encoded.unknown_shares

    return encode


@pytest.fixture
def make_polars():
    return PolarsEngine


@pytest.fixture
def checksums_of():
    return checksums


@pytest.fixture
def full_schema():
    return SCHEMA


SPARK_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "2",
    # A table of a hundred rows is not worth a compiler.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


@pytest.fixture(scope="session")
def spark():
    """A session on two cores of this machine, for all tests of a process."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Java is not installed")
    builder = sql.SparkSession.builder.master("local[2]").appName("fieldwise tests")
    for name, value in SPARK_SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
