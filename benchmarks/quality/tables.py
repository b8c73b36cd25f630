"""Real tables with a click-like label, each with its split.

The files are not part of this repository (their licences forbid it). They are looked
for in ``$FIELDWISE_DATA``, else in ``../shared/data`` beside the repository.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fieldwise.data.splits import ColumnSplit, RandomSplit, Split, TimeSplit

FOLDER = Path(
    os.environ.get("FIELDWISE_DATA")
    or Path(__file__).parents[2].parent / "shared" / "data"
)


@dataclass(frozen=True)
class Table:
    """A table, what to predict in it, and how it is divided."""

    frame: pl.DataFrame | pl.LazyFrame
    label: str
    split: Split
    group: str | None = None
    time: str | None = None
    ignore: tuple[str, ...] = ()


def _read(name: str) -> pl.DataFrame:
    return pl.read_parquet(FOLDER / f"{name}.parquet")


def frappe() -> Table:
    """Mobile app usage; the official split."""
    return Table(_read("frappe").drop("origin"), "label", ColumnSplit("split"))


def criteo() -> Table:
    """A sample of the Criteo display advertising log."""
    return Table(_read("criteo_137k"), "label", ColumnSplit("split"))


def movielens_1m() -> Table:
    """Ratings above 3 against below 3, with user and item columns."""
    rated = _read("ml1m_ratings").filter(pl.col("rating") != 3)
    frame = (
        rated.with_columns(label=(pl.col("rating") > 3).cast(pl.Int8))
        .drop("rating", "fold")
        .join(_read("ml1m_users"), on="user", how="left")
        .join(_read("ml1m_items").drop("title"), on="item", how="left")
    )
    return Table(frame, "label", RandomSplit(valid=0.1, test=0.1, seed=1))


def census_income() -> Table:
    """US census, income above 50,000 dollars; the official split."""
    frame = _read("census_income_kdd").drop("label_never_married", "instance_weight")
    return Table(frame, "label_income_50k", ColumnSplit("split"))


def census_never_married() -> Table:
    """US census, never married; the official split."""
    frame = _read("census_income_kdd").drop(
        "label_income_50k", "instance_weight", "marital_status"
    )
    return Table(frame, "label_never_married", ColumnSplit("split"))


def trivago() -> Table:
    """Hotel impressions, ranked within a request, divided by time."""
    return Table(
        _read("trivago_impressions").drop("session", "user", "step"),
        "label",
        TimeSplit("timestamp", valid=0.1, test=0.1),
        group="request",
        time="timestamp",
    )


def open_bandit() -> Table:
    """Fashion recommendations with half a percent of clicks, divided by time."""
    return Table(
        _read("open_bandit_60k").drop("propensity_score"),
        "click",
        TimeSplit("timestamp", valid=0.1, test=0.1),
        time="timestamp",
    )


def movielens_small() -> Table:
    """Ratings of 4 and more, divided by time."""
    frame = _read("ml_latest_small_ratings").with_columns(
        label=(pl.col("rating") >= 4).cast(pl.Int8)
    )
    split = TimeSplit("timestamp", valid=0.1, test=0.1)
    return Table(frame.drop("rating"), "label", split, time="timestamp")


def adult() -> Table:
    """Income above 50,000 dollars."""
    return Table(_read("adult"), "income", RandomSplit(valid=0.1, test=0.1, seed=1))


def diabetes() -> Table:
    """Readmission within 30 days; the fields are one list of binned features."""
    # The file has no training part: its validation part is trained on.
    split = ColumnSplit("split", train=("valid",), valid=())
    return Table(_read("uci_diabetes_20k"), "label", split)


def compas() -> Table:
    """Recidivism within two years; every column is text."""
    frame = _read("compas").drop("is_recid")
    split = RandomSplit(valid=0.1, test=0.1, seed=1)
    return Table(frame, "two_year_recid", split)


TABLES: dict[str, Callable[[], Table]] = {
    "frappe": frappe,
    "criteo": criteo,
    "movielens_1m": movielens_1m,
    "census_income": census_income,
    "census_never_married": census_never_married,
    "trivago": trivago,
    "open_bandit": open_bandit,
    "movielens_small": movielens_small,
    "adult": adult,
    "diabetes": diabetes,
    "compas": compas,
}
