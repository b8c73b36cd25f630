"""Columns that tell the time."""

from datetime import date

import pytest

from fieldwise.schema._clocks import find_clock, find_text_clock
from fieldwise.schema.profile import ColumnProfile


def numbers(name, low, high, dtype="int"):
    return ColumnProfile(name, dtype, 10, 0, minimum=low, maximum=high)


def texts(name, *examples):
    return ColumnProfile(name, "string", 10, 0, examples=examples)


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        # 828124615 is 29 March 1996, where MovieLens starts
        (numbers("timestamp", 828124615, 1537799250), "seconds since 1970"),
        (numbers("ts", 1.5e12, 1.6e12, "float"), "milliseconds since 1970"),
        (numbers("event_time", 10**15, 2 * 10**15, "uint"), "microseconds since 1970"),
        (numbers("time", 10**18, 2 * 10**18), "nanoseconds since 1970"),
        (numbers("date", 20130101, 20131231), "days written as yyyymmdd"),
        (numbers("hour", 14102100, 14103023), "days written as yymmddhh"),
        (numbers("hour", 2014102100, 2014103023), "days written as yyyymmddhh"),
        (ColumnProfile("x", "date", 1, 0, minimum=date(2020, 1, 1)), "dates"),
        (ColumnProfile("x", "datetime", 1, 0), "points in time"),
        (numbers("price", 1500000000, 1600000000), None),
        (numbers("time", 0, 1600000000), None),
        (numbers("dep_time", 1, 2400), None),
        (numbers("day", 1, 31), None),
        (numbers("date", 20130101, 20139999), None),
        (numbers("date", float("-inf"), float("inf"), "float"), None),
        (texts("date", "2013-01-01"), None),
    ],
)
def test_find_clock(profile, found):
    assert find_clock(profile) == found


@pytest.mark.parametrize(
    ("profile", "found"),
    [
        (texts("time_hour", "2013-01-01T10:00:00Z", "2013-01-01T11:00:00Z"), "dates"),
        (texts("date", "2013-01-01"), "dates"),
        (texts("timestamp", "978300760", "978302109"), "seconds since 1970"),
        (texts("date", "20130101", "20130102"), "days written as yyyymmdd"),
        (texts("daytime", "morning", "2013-01-01"), None),
        (texts("time", "10:00"), None),
        (texts("name", "2013-01-01"), None),
        (texts("date"), None),
        (numbers("date", 20130101, 20131231), None),
    ],
)
def test_find_text_clock(profile, found):
    assert find_text_clock(profile) == found
