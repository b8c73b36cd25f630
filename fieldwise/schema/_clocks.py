"""Columns that tell the time, also where their type does not say so."""

import re
from collections.abc import Iterable
from datetime import datetime

from fieldwise.schema._names import is_clock_name
from fieldwise.schema.profile import ColumnProfile

__all__ = ["find_clock", "find_text_clock"]

# From 1985 to 2099: early enough for every log, late enough to be no small count.
_EPOCH_SECONDS = (5e8, 4.1e9)

_EPOCH_UNITS = {
    "seconds": 1.0,
    "milliseconds": 1e3,
    "microseconds": 1e6,
    "nanoseconds": 1e9,
}

_CALENDARS = {
    "yyyymmdd": (8, "%Y%m%d"),
    "yyyymmddhh": (10, "%Y%m%d%H"),
    "yymmddhh": (8, "%y%m%d%H"),
}

_YEARS = (1985, 2099)


def find_clock(profile: ColumnProfile) -> str | None:
    """Say how a column of dates or numbers tells the time.

    Args:
        profile: facts about the column.

    Returns:
        What it holds, for example ``seconds since 1970``; None if this is no clock.
    """
    if profile.dtype in ("date", "datetime"):
        return "dates" if profile.dtype == "date" else "points in time"
    if profile.dtype not in ("int", "uint", "float") or not is_clock_name(profile.name):
        return None
    ends = (profile.minimum, profile.maximum)
    numbers = [float(end) for end in ends if isinstance(end, int | float)]
    return _read_numbers(numbers)


def find_text_clock(profile: ColumnProfile) -> str | None:
    """Say how a column of text tells the time, judged by its examples.

    Args:
        profile: facts about the column.

    Returns:
        What it holds, for example ``dates``; None if this is no clock.
    """
    if profile.dtype != "string" or not is_clock_name(profile.name):
        return None
    texts = [str(example) for example in profile.examples]
    if texts and all(re.fullmatch(r"\d{8,19}", text) for text in texts):
        return _read_numbers([float(text) for text in texts])
    return "dates" if texts and all(_is_iso(text) for text in texts) else None


def _read_numbers(numbers: list[float]) -> str | None:
    for words, (digits, form) in _CALENDARS.items():
        if _all_match(numbers, digits, form):
            return f"days written as {words}"
    for unit, factor in _EPOCH_UNITS.items():
        low, high = (end * factor for end in _EPOCH_SECONDS)
        if numbers and all(low <= number <= high for number in numbers):
            return f"{unit} since 1970"
    return None


def _all_match(numbers: Iterable[float], digits: int, form: str) -> bool:
    texts = [f"{number:.0f}" for number in numbers]
    return bool(texts) and all(
        len(text) == digits and _is_day(text, form) for text in texts
    )


def _is_day(text: str, form: str) -> bool:
    try:
        return _YEARS[0] <= datetime.strptime(text, form).year <= _YEARS[1]
    except ValueError:
        return False


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
