"""Drift that is planted is found, and none where there is none."""

import json

import numpy as np
import polars as pl
import pytest

from fieldwise.diagnosis.divergence import jensen_shannon
from fieldwise.diagnosis.drift import find_drift
from fieldwise.diagnosis.drift_folder import check_new, drift_page, save_drift
from fieldwise.diagnosis.table_counts import count_table
from fieldwise.errors import DataError, SchemaError
from fieldwise.importance import Importance
from fieldwise.schema import CategoricalField, NumericField, Schema
from tests.diagnosis.conftest import small_table


def of(found, name):
    return next(field for field in found.fields if field.name == name)


def test_counts_are_those_of_a_loop(observed):
    ranker, _ = observed
    table = small_table(seed=5)

    found = count_table(ranker.encoder, table, ranker=ranker)

    values = [None, *ranker.encoder.vocabularies["site"].values.to_list()]
    for half, rows in enumerate((table.head(600), table.tail(600))):
        seen = rows["site"].to_list()
        by_loop = [sum(value == one for one in seen) for value in values]
        by_loop[0] = 0  # every value is known, null too
        assert found.fields["site"][half].tolist() == by_loop
        assert found.fields["price"][half, -1] == rows["price"].null_count()
        assert found.fields["price"][half].sum() == 600
        items = sum(max(1, len(tags)) for tags in rows["tags"].to_list())
        assert found.fields["tags"][half].sum() == items
    assert found.missing["price"] == table["price"].null_count() / 1200
    assert found.missing["tags"] == (table["tags"].list.len() == 0).mean()
    assert found.means["click"] == pytest.approx(ranker.predict(table).mean())
    assert found.logits["click"].sum() == 1200


def test_no_alarm_where_nothing_moved(observed):
    ranker, _ = observed
    alarms = [
        name
        for seed in range(12)
        for name in find_drift(
            ranker, small_table(600, seed), small_table(80, seed + 100)
        ).drifted
    ]

    assert alarms == []


def test_what_moved_is_found(observed):
    ranker, _ = observed
    old, new = small_table(seed=1), small_table(seed=2)
    is_moved = np.arange(len(new)) % 3 == 0
    site = [
        "new" if moved else one
        for moved, one in zip(is_moved, new["site"].to_list(), strict=True)
    ]
    new = new.with_columns(pl.Series("site", site), price=pl.col("price") * 2)

    found = find_drift(ranker, old, new)

    assert set(found.drifted) == {"site", "price"}
    site = of(found, "site")
    assert site.unknown == (0.0, pytest.approx(1 / 3))
    assert site.movement.moved[0].value == "(unknown)"
    assert site.missing == (
        old["site"].null_count() / 1200,
        pytest.approx(2 / 15, abs=0.03),
    )
    counts = count_table(ranker.encoder, old), count_table(ranker.encoder, new)
    pair = [each.fields["site"].sum(axis=0) for each in counts]
    assert site.movement.divergence == pytest.approx(jensen_shannon(*pair))
    importance = found.importance()
    assert importance.unit == "field"
    assert importance.names == tuple(found_field.name for found_field in found.fields)
    assert set(importance.ranked[:2]) == {"site", "price"}
    assert importance.details["unknown_after"][0] == pytest.approx(1 / 3)
    assert found.scores[0].label == "click"
    assert found.scores[0].movement.is_drift
    assert found.scores[0].mean[0] == pytest.approx(ranker.predict(old).mean())


def test_change_within_the_older_table_is_no_alarm(observed):
    ranker, _ = observed
    early = small_table(seed=3).filter(pl.col("site").is_in(["s1", "s2"]))
    late = small_table(seed=4).filter(pl.col("site").is_in(["s3", "s4"]))

    found = find_drift(ranker, pl.concat([early, late]), late)

    movement = of(found, "site").movement
    assert movement.within > 0.5
    assert movement.divergence > movement.chance
    assert "site" not in found.drifted
    assert "site" in found.usual


def test_schema_learns_from_the_older_table():
    schema = Schema(
        (CategoricalField("site", min_count=1), NumericField("n", encoding="quantile"))
    )
    old = pl.DataFrame({"site": ["a", "b"] * 100, "n": np.arange(200.0) % 50})
    new = pl.DataFrame({"site": ["a"] * 150 + ["c"] * 50, "n": [None, 3.0] * 100})

    found = find_drift(schema, old, new)

    assert set(found.drifted) == {"site", "n"}
    assert of(found, "site").unknown == (0.0, 0.25)
    assert of(found, "n").missing == (0.0, 0.5)
    assert of(found, "n").unknown == (0.0, 0.0)
    assert found.scores == ()


def test_folder(observed, tmp_path):
    ranker, _ = observed
    found = find_drift(ranker, small_table(seed=1), small_table(seed=2))
    folder = tmp_path / "drift"

    save_drift(found, folder)

    assert Importance.load(folder / "fields") == found.importance()
    assert json.loads((folder / "drift.json").read_text())["num_rows"] == [1200, 1200]
    assert (folder / "report.md").read_text() == drift_page(found)
    assert "0 of 4 fields are above noise" in drift_page(found)
    with pytest.raises(DataError, match="folder must not exist"):
        save_drift(found, folder)
    save_drift(found, folder, overwrite=True)
    with pytest.raises(DataError, match="It holds no drift"):
        check_new(tmp_path, overwrite=True)


def test_errors(observed):
    ranker, _ = observed
    table = small_table(20)

    with pytest.raises(DataError, match="must have at least one row"):
        find_drift(ranker, table, table.clear())
    with pytest.raises(SchemaError, match="site"):
        find_drift(ranker, table, table.drop("site"))
