"""Tables whose answer is known, from the raw rows to the ranking."""

import numpy as np
import polars as pl
import pytest

from fieldwise.data.splits import ColumnSplit
from fieldwise.errors import DataError, SchemaError
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.selection.outrank import Plan, rank_table

NUM_ROWS = 3 * 2**14


@pytest.fixture(scope="module")
def clicks():
    """Two fields that matter, noise of 50,000 values, a copy and a constant."""
    random = np.random.default_rng(0)
    strong, weak = random.integers(0, 20, NUM_ROWS), random.integers(0, 5, NUM_ROWS)
    price = random.normal(size=NUM_ROWS)
    logits = 0.3 * (strong - 10) + 0.25 * (weak - 2) + 0.5 * price**2 - 1
    label = random.random(NUM_ROWS) < 1 / (1 + np.exp(-logits))
    noise = random.integers(0, 50_000, NUM_ROWS)
    return pl.DataFrame(
        {
            "user": pl.Series(noise).cast(pl.String) + "u",
            "weak": weak,
            "strong": pl.Series(strong).cast(pl.String) + "s",
            "twin": pl.Series(strong).cast(pl.String) + "s",
            "price": price,
            "day": ["monday"] * NUM_ROWS,
            "click": label,
        }
    )


@pytest.fixture(scope="module")
def ranking(clicks):
    return rank_table(clicks, label="click")


def test_noise_of_many_values_is_told_from_what_matters(ranking, clicks):
    assert ranking.fields.ranked == ("strong", "twin", "price", "weak", "user")
    assert ranking.below_noise == ("user",)
    assert ranking.num_blocks == 3
    plain = rank_table(clicks, label="click", plan=Plan(heuristic="plain"))
    assert plain.fields.ranked[0] == "user"


def test_numbers_that_never_repeat_need_buckets(ranking, clicks):
    values = rank_table(clicks, label="click", plan=Plan(numbers="values"))
    scores = dict(zip(values.fields.names, values.fields.scores, strict=True))

    assert "price" not in ranking.below_noise
    assert scores["price"] == 0.0


def test_quality_of_all_columns(ranking):
    found = {(finding.kind, finding.columns) for finding in ranking.quality.findings}

    assert found == {("constant", ("day",)), ("copy", ("strong", "twin"))}
    assert ranking.quality["user"].num_values == pytest.approx(31_250, rel=0.02)
    assert ranking.quality.num_rows == NUM_ROWS
    assert ranking.fields.details["coverage"].tolist() == [1.0] * 5


def test_a_leak_is_named(clicks):
    leaky = clicks.with_columns(
        outcome=pl.when("click").then(pl.lit("bought")).otherwise(pl.lit("left"))
    )

    found = rank_table(leaky, label="click", ignore=["twin", "day"])

    leaks = [f for f in found.quality.findings if f.kind == "leak"]
    assert [leak.columns for leak in leaks] == [("outcome",)]
    assert "100% of what a copy of the label says" in leaks[0].message


def test_a_copy_comes_after_a_weak_field_in_the_order(clicks):
    plan = Plan(redundancy=True)

    found = rank_table(clicks, label="click", ignore=["price", "user"], plan=plan)

    assert found.order.ranked == ("strong", "weak", "twin")
    assert found.fields.ranked == ("strong", "twin", "weak")


def test_rows_in_files_and_chunks_give_the_same(ranking, clicks, tmp_path):
    path = tmp_path / "clicks.parquet"
    clicks.write_parquet(path, row_group_size=7_000)

    assert rank_table(path, label="click").fields.scores.tolist() == (
        ranking.fields.scores.tolist()
    )


def test_the_order_of_blocks_changes_nothing(ranking, clicks):
    blocks = list(clicks.iter_slices(2**14))[::-1]

    other = rank_table(pl.concat(blocks), label="click")

    assert other.fields.scores.tolist() == ranking.fields.scores.tolist()
    assert other.controls.scores.tolist() == ranking.controls.scores.tolist()


def test_only_training_rows_are_ranked_by(clicks):
    half = NUM_ROWS // 2
    split = pl.Series("part", ["train"] * half + ["test"] * (NUM_ROWS - half))
    poisoned = clicks.with_columns(
        split,
        click=pl.when(pl.int_range(pl.len()) < half)
        .then("click")
        .otherwise(pl.col("weak") == 0),
    )
    found = [
        rank_table(table.with_columns(split), label="click", split="part").fields
        for table in (clicks, poisoned)
    ]

    assert found[0].scores.tolist() == found[1].scores.tolist()
    assert "part" not in found[0].names
    other = rank_table(poisoned, label="click", split=ColumnSplit("part")).fields
    assert other.scores.tolist() == found[0].scores.tolist()


def test_rows_without_a_label_say_nothing_about_it(clicks):
    with_gaps = pl.concat(
        [clicks, clicks.head(2000).with_columns(click=pl.lit(None, pl.Boolean))]
    )

    found = rank_table(with_gaps, label="click")

    expected = rank_table(clicks, label="click").fields.scores
    assert found.fields.scores.tolist() == expected.tolist()
    assert found.quality.num_rows == NUM_ROWS + 2000


def test_every_third_row(clicks):
    found = rank_table(clicks, label="click", plan=Plan(step=3))

    assert found.quality.num_rows == NUM_ROWS // 3
    third = rank_table(clicks.gather_every(3), label="click")
    assert found.fields.scores.tolist() == third.fields.scores.tolist()


def test_forms_of_numbers(clicks):
    found = rank_table(
        clicks.select("price", "click"), label="click", plan=Plan(transforms=True)
    )

    assert found.forms.ranked[0] in ("sqrt(|price|)", "log(|price| + 1)")
    assert found.forms.scores.max() >= found.fields.scores.max() - 0.002


def test_vectors_are_left_out_and_lists_are_one_value():
    random = np.random.default_rng(0)
    tag = random.integers(0, 2, 2000)
    table = pl.DataFrame(
        {
            "tags": [["a"], ["a", "b"]],
            "text": [[0.1, 0.2], [0.3, 0.5]],
        }
    )[tag].with_columns(click=tag)

    found = rank_table(table, label="click")

    assert found.fields.names == ("tags",)
    assert found.fields.scores[0] == pytest.approx(np.log(2), abs=0.01)


def test_a_list_says_what_its_values_say():
    random = np.random.default_rng(0)
    held = random.random((4000, 40)) < 0.5
    table = pl.DataFrame(
        {
            "tags": [[f"t{tag}" for tag in np.flatnonzero(row)] for row in held],
            "other": pl.Series(random.integers(0, 9, 4000)).cast(pl.String),
            "click": held[:, 3] ^ (random.random(4000) < 0.2),
        }
    )

    found = rank_table(table, label="click")

    # As a whole, no list comes twice.
    assert found.fields.names[0] == "tags"
    assert found.fields.scores[0] == 0.0
    assert found.values.ranked[0] == ("tags", "'t3'")
    assert found.values.scores.max() == pytest.approx(0.19, abs=0.03)
    assert len(found.values) == 32
    assert found.below_noise == ("other",)


def test_a_real_label_is_taken_in_buckets():
    random = np.random.default_rng(0)
    site = random.integers(0, 5, 4000)
    table = {"site": site, "hour": random.integers(0, 24, 4000)}
    table |= {"price": site + random.normal(size=4000)}

    found = rank_table(table, label="price")

    assert found.fields.ranked == ("site", "hour")
    assert found.below_noise == ("hour",)


def test_a_schema_decides_what_is_ranked(clicks):
    schema = Schema(
        (CategoricalField("strong"), CategoricalField("price")),
        labels=(Label("click", "binary"),),
    )

    found = rank_table(clicks, schema=schema)

    assert found.fields.names == ("strong", "price")
    assert found.fields.scores[1] == 0.0


def test_one_label_is_needed(clicks):
    schema = Schema((CategoricalField("strong"),), (Label("click"), Label("weak")))

    with pytest.raises(SchemaError, match="label must be one column, got"):
        rank_table(clicks, schema=schema)
    with pytest.raises(SchemaError, match="did you mean 'click'"):
        rank_table(clicks, label="clik")
    with pytest.raises(DataError, match="must be a file that exists"):
        rank_table("no.parquet", label="click")
