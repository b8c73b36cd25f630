"""A table of Parquet files as Spark holds it.

Spark reads many files in no order; each row knows its file and its place there, which
gives the number that it has in ``read_table``. Python runs on the driver only.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, final

import narwhals as nw
import polars as pl

from fieldwise.data._polars_types import Schema as ColumnTypes
from fieldwise.data.engines.engine import ROW, collect
from fieldwise.data.engines.spark_files import (
    FILE,
    FIRST,
    check_types,
    find_parquet,
    first_rows,
    read_types,
    spark_path,
)
from fieldwise.data.readers import table_fingerprint
from fieldwise.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
else:
    SparkSession = object

__all__ = ["SparkEngine"]

_PLACE = "__fieldwise_place__"
_LOCATION = (f"_metadata.file_path {FILE}", f"_metadata.row_index {_PLACE}")
_FACTS = ("_metadata.file_size size", "_metadata.file_modification_time time")


@final
class SparkEngine:
    """Parquet files, read by Spark.

    Args:
        session: a Spark session; its settings stay as they are.
        source: files, folders or patterns that the driver and every executor see under
            the same path; or URLs that Spark can read, such as ``s3a://...``.
        ignore: columns that are not read.

    Raises:
        DataError: if there are no such files, or Spark cannot read a column; all of
            them are listed.
    """

    def __init__(
        self, session: SparkSession, source: Sequence[str], ignore: Sequence[str] = ()
    ) -> None:
        self._source = list(source)
        self._files = find_parquet(self._source)
        self._session: Any = session.newSession()
        self._session.conf.set("spark.sql.session.timeZone", "UTC")
        self._session.conf.set("spark.sql.caseSensitive", "true")
        paths = [spark_path(file.path) for file in self._files] or self._source
        raw = _read(self._session, paths)
        self.types: ColumnTypes = self._read_types(raw, ignore)
        keys = {n: t for n, t in self.types.items() if n not in raw.columns}
        located = raw.selectExpr(
            *(f"`{name}`" for name in self.types if name not in keys),
            *_LOCATION,
        )
        self._counts = _count_rows(raw)
        counts = dict(self._counts.select(FILE, "count").iter_rows())
        self.num_rows = sum(counts.values())
        files = self.upload(first_rows(counts, self._files, pl.Schema(keys)))
        joined = _as_lazy(located).join(files, on=FILE)
        number = (nw.col(FIRST) + nw.col(_PLACE)).alias(ROW)
        self.table: nw.LazyFrame[Any] = joined.select(number, *self.types)

    def _read_types(self, raw: Any, ignore: Sequence[str]) -> ColumnTypes:  # noqa: ANN401
        if self._files:
            types = read_types(self._source, self._files)
        else:
            types = pl.DataFrame(raw.limit(0).toArrow()).schema
        missing = [name for name in ignore if name not in types]
        if missing:
            message = f"ignore must be columns of the table, got {missing}."
            raise DataError(message)
        types = pl.Schema({n: t for n, t in types.items() if n not in ignore})
        check_types(types)
        return types

    def fingerprint(self) -> str:
        """Checksum the files.

        Returns:
            What ``table_fingerprint`` gives for paths, whose files the driver reads;
            for URLs a checksum of names, sizes and times, which are all it sees.
        """
        if self._files:
            return table_fingerprint(self._source)
        lines = sorted("\0".join(map(str, row)) for row in self._counts.iter_rows())
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def upload(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Send a table to Spark.

        Args:
            frame: as large as the driver may hold.

        Returns:
            The same table.
        """
        return _as_lazy(self._session.createDataFrame(frame.to_arrow()))

    @contextmanager
    def kept(
        self, frame: nw.LazyFrame[Any], *, ordered: bool
    ) -> Iterator[nw.LazyFrame[Any]]:
        """Keep a table on the executors, in memory and on their disks.

        Args:
            frame: the query.
            ordered: whether to sort by ``ROW``: a query for a range then skips the
                blocks of other ranges.

        Yields:
            The table; the first query computes it.
        """
        rows: Any = (frame.sort(ROW) if ordered else frame).to_native().persist()
        try:
            yield _as_lazy(rows)
        finally:
            rows.unpersist()

    def last_items(
        self, frame: nw.LazyFrame[Any], column: str, max_length: int
    ) -> nw.LazyFrame[Any]:
        """Keep the end of every list.

        Args:
            frame: has the column.
            column: lists.
            max_length: items to keep.

        Returns:
            The frame with shorter lists; null and empty lists stay.
        """
        from pyspark.sql import functions

        lists = functions.col(column)
        start = functions.greatest(
            functions.size(lists) - max_length + 1, functions.lit(1)
        )
        short = functions.slice(lists, start, max_length)
        native: Any = frame.to_native()
        return _as_lazy(native.withColumn(column, short))


def _as_lazy(native: Any) -> nw.LazyFrame[Any]:  # noqa: ANN401
    frame: nw.LazyFrame[Any] = nw.from_native(native)
    return frame


def _read(session: Any, paths: Sequence[str]) -> Any:  # noqa: ANN401
    from pyspark.errors import PySparkException

    try:
        return session.read.parquet(*paths)
    except PySparkException as error:
        reason = str(error).strip().split("\n", maxsplit=1)[0].rstrip(".")
        message = f"source must be Parquet that Spark can read, got: {reason}."
        raise DataError(message) from error


def _count_rows(raw: Any) -> pl.DataFrame:  # noqa: ANN401
    """Rows, size and time of every file; one without rows is not there."""
    files = _as_lazy(raw.selectExpr(_LOCATION[0], *_FACTS))
    return collect(
        files.group_by(FILE).agg(
            nw.len().cast(nw.Int64).alias("count"),
            nw.col("size").max(),
            nw.col("time").max(),
        )
    )
