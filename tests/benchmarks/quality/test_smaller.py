"""A sample of a table that is divided as the whole."""

import polars as pl

import fieldwise as fw
from benchmarks.quality.smaller import PART, smaller
from benchmarks.quality.tables import Table


def test_each_part_is_sampled_by_itself():
    frame = pl.DataFrame(
        {"x": range(60), "side": ["train"] * 40 + ["valid"] * 4 + ["test"] * 16}
    )
    table = Table(frame, "x", fw.ColumnSplit("side"))

    small = smaller(table, 8)

    assert "side" not in small.frame.columns
    assert small.split == fw.ColumnSplit(PART)
    kept = {
        part: small.frame.filter(pl.col(PART) == part)["x"].to_list()
        for part in ("train", "valid", "test")
    }
    assert {part: len(rows) for part, rows in kept.items()} == {
        "train": 8,
        "valid": 4,
        "test": 8,
    }
    assert kept["train"] == sorted(kept["train"])
    assert set(kept["train"]) < set(range(40))
    assert set(kept["test"]) < set(range(44, 60))
    assert smaller(table, 8).frame.equals(small.frame)
    assert not smaller(table, 8, seed=1).frame.equals(small.frame)


def test_groups_stay_whole():
    request = [row // 5 for row in range(100)]
    frame = pl.DataFrame({"request": request, "label": [0] * 100})
    split = fw.GroupSplit("request", valid=0.2, test=0.2)

    small = smaller(Table(frame, "label", split, group="request"), 12).frame

    sizes = small.group_by("request").len()["len"]
    assert set(sizes) == {5}
    assert small.group_by(PART).len()["len"].to_list() == [10, 10, 10]


def test_time_stays_in_the_frame():
    frame = pl.DataFrame({"day": range(100), "label": [0, 1] * 50})
    split = fw.TimeSplit("day", valid=0.1, test=0.1)

    small = smaller(Table(frame, "label", split, time="day"), 10).frame

    assert small.height == 30
    days = small.group_by(PART, maintain_order=True).agg(pl.col("day").min())
    assert days[PART].to_list() == ["train", "valid", "test"]
    assert days["day"].to_list()[1:] == [80, 90]
