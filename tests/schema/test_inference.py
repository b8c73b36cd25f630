"""Whole tables: columns shaped like public data sets, roles, and collected problems."""

from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest

from fieldwise.errors import SchemaError
from fieldwise.schema import CategoricalField, Label, NumericField
from fieldwise.schema.inference import guess_columns

NUM_ROWS = 2000


def kinds(guess):
    return {
        column.profile.name: column.field.kind if column.field else column.role
        for column in guess.columns
    }


def by_name(guess):
    return {column.profile.name: column for column in guess.columns}


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture
def clicks(rng):
    return pl.DataFrame(
        {
            "user": rng.integers(0, 100, NUM_ROWS),
            "price": rng.random(NUM_ROWS),
            "site": rng.choice(["a", "b", "c"], NUM_ROWS),
            "click": rng.integers(0, 2, NUM_ROWS),
            "rating": rng.integers(1, 6, NUM_ROWS),
            "weight": rng.random(NUM_ROWS),
            "seen": [date(2024, 1, 1 + i % 28) for i in range(NUM_ROWS)],
            "paid": [date(2024, 2, 1 + i % 28) for i in range(NUM_ROWS)],
        }
    )


class TestPublicData:
    def test_adult(self, rng):
        table = pl.DataFrame(
            {
                "age": rng.integers(17, 91, NUM_ROWS),
                "workclass": rng.choice(["Private", "State-gov", "?"], NUM_ROWS),
                "fnlwgt": rng.integers(12_285, 1_490_400, NUM_ROWS),
                "education-num": rng.integers(1, 17, NUM_ROWS),
                "capital-gain": np.where(
                    rng.random(NUM_ROWS) < 0.9, 0, rng.integers(1, 10**5, NUM_ROWS)
                ),
                "native-country": rng.choice([f"c{i}" for i in range(42)], NUM_ROWS),
                "income": rng.choice(["<=50K", ">50K"], NUM_ROWS),
            }
        )

        guess = guess_columns(table, labels=["income"])

        assert kinds(guess) == {
            "age": "numeric",
            "workclass": "categorical",
            "fnlwgt": "numeric",
            "education-num": "categorical",
            "capital-gain": "numeric",
            "native-country": "categorical",
            "income": "label",
        }
        assert guess.labels == (Label("income", "binary", ">50K"),)
        assert [c.warnings for c in guess.columns] == [()] * 7

    def test_criteo(self, rng):
        table = pl.DataFrame(
            {
                "label": rng.integers(0, 2, NUM_ROWS),
                "I1": [None if i % 2 else i % 99 - 3 for i in range(NUM_ROWS)],
                "I2": rng.integers(-3, 5_000, NUM_ROWS),
                "C1": pl.Series(
                    rng.integers(0, 2**32, 300)[np.arange(NUM_ROWS) % 300]
                ).cast(pl.UInt32),
                "feature": pl.Series(
                    rng.integers(0, 2**32, 300)[np.arange(NUM_ROWS) % 300]
                ).cast(pl.UInt32),
            }
        )

        guess = guess_columns(table, labels=["label"])

        assert kinds(guess) == {
            "label": "label",
            "I1": "numeric",
            "I2": "numeric",
            "C1": "categorical",
            "feature": "categorical",
        }
        assert "too large to be a quantity" in by_name(guess)["feature"].reason

    def test_criteo_through_pandas_with_gaps(self, rng):
        hashes = rng.integers(2**31, 2**32, 300)[np.arange(NUM_ROWS) % 300]
        table = pd.DataFrame(
            {
                "label": rng.integers(0, 2, NUM_ROWS),
                "I1": rng.integers(-3, 5_000, NUM_ROWS).astype(float),
                "C1": hashes.astype(float),
                "feature": hashes.astype(float),
                "userId": rng.integers(0, 600, NUM_ROWS).astype(float),
                "weekday": rng.integers(0, 7, NUM_ROWS).astype(float),
            }
        )
        table.loc[::9, ["I1", "C1", "feature", "userId", "weekday"]] = np.nan

        guess = guess_columns(table, labels=["label"])

        assert kinds(guess) == {
            "label": "label",
            "I1": "numeric",
            "C1": "categorical",
            "feature": "categorical",
            "userId": "categorical",
            "weekday": "categorical",
        }

    def test_frappe(self, rng):
        table = pl.DataFrame(
            {
                "label": rng.integers(0, 2, NUM_ROWS),
                "user": pl.Series(rng.integers(0, 957, NUM_ROWS)).cast(pl.Int16),
                "item": pl.Series(rng.integers(0, 900, NUM_ROWS)).cast(pl.Int16),
                "daytime": pl.Series(np.arange(NUM_ROWS) % 7).cast(pl.Int16),
                "city": pl.Series(rng.integers(0, 233, NUM_ROWS)).cast(pl.Int16),
            }
        )

        guess = guess_columns(table, labels=["label"])

        assert set(kinds(guess).values()) == {"label", "categorical"}
        assert guess.time is None

    def test_movielens(self, rng):
        table = pl.DataFrame(
            {
                "userId": rng.integers(1, 611, NUM_ROWS),
                "movieId": rng.integers(1, 193_609, NUM_ROWS),
                "rating": rng.integers(1, 11, NUM_ROWS) / 2,
                "timestamp": rng.integers(828_124_615, 1_537_799_250, NUM_ROWS),
            }
        )

        guess = guess_columns(table, labels=["rating"])

        assert kinds(guess) == {
            "userId": "categorical",
            "movieId": "categorical",
            "rating": "label",
            "timestamp": "time",
        }
        assert guess.labels == (Label("rating", "real"),)
        assert guess.time == "timestamp"
        assert "10 distinct values: real label" in by_name(guess)["rating"].reason

    def test_compas_as_text(self, rng):
        numbers = {
            "age": rng.integers(18, 97, NUM_ROWS),
            "priors_count": rng.integers(0, 38, NUM_ROWS),
            "decile_score": rng.integers(1, 11, NUM_ROWS),
            "two_year_recid": rng.integers(0, 2, NUM_ROWS),
        }
        table = pl.DataFrame(numbers).cast(pl.String)

        guess = guess_columns(table, labels=["two_year_recid"])

        assert kinds(guess) == {
            "age": "numeric",
            "priors_count": "numeric",
            "decile_score": "categorical",
            "two_year_recid": "label",
        }
        assert guess.labels == (Label("two_year_recid", "binary", "1"),)


class TestRoles:
    def test_roles_are_no_fields(self, clicks):
        guess = guess_columns(
            clicks,
            labels=["rating", "click"],
            weight="weight",
            group="user",
            time="paid",
            ignore=["site"],
        )

        assert kinds(guess) == {
            "user": "group",
            "price": "numeric",
            "site": "ignored",
            "click": "label",
            "rating": "label",
            "weight": "weight",
            "seen": "ignored",
            "paid": "time",
        }
        assert [label.name for label in guess.labels] == ["rating", "click"]
        assert [field.name for field in guess.fields] == ["price"]
        assert guess.time == "paid"
        reasons = {name: column.reason for name, column in by_name(guess).items()}
        assert reasons["site"] == "ignored on request"
        assert "'paid' orders the rows already: ignored" in reasons["seen"]
        assert "'1' counts" not in reasons["click"]
        assert "1 counts as positive: binary label" in reasons["click"]

    def test_the_first_clock_is_the_time(self, clicks):
        guess = guess_columns(clicks)

        assert guess.time == "seen"
        assert kinds(guess)["seen"] == "time"
        assert kinds(guess)["paid"] == "ignored"

    def test_without_roles_every_column_is_guessed(self, clicks):
        guess = guess_columns(clicks)

        assert guess.labels == ()
        assert len(guess.columns) == clicks.width
        assert len(guess.fields) == clicks.width - 2

    def test_label_with_gaps(self, clicks):
        table = clicks.with_columns(
            click=pl.when(pl.col("price") > 0.1).then("click").cast(pl.Float64)
        )

        guess = guess_columns(table, labels=["click"])

        num_missing = (table["price"] <= 0.1).sum()
        assert guess.labels == (Label("click", "binary", 1.0),)
        assert by_name(guess)["click"].warnings == (
            f"{num_missing} rows have no label: they are left out of the loss",
        )

    def test_lazy_frames(self, clicks):
        assert guess_columns(clicks.lazy()) == guess_columns(clicks)


class TestOverrides:
    def test_replace_refine_and_ignore(self, clicks):
        guess = guess_columns(
            clicks,
            labels=["click"],
            overrides={
                "rating": "numeric",
                "site": {"min_count": 7},
                "price": NumericField("price", encoding="quantile"),
                "weight": "ignored",
            },
        )

        assert guess.fields == (
            CategoricalField("user"),
            NumericField("price", encoding="quantile"),
            CategoricalField("site", min_count=7),
            NumericField("rating"),
        )
        assert by_name(guess)["rating"].reason == "numeric on request"
        assert by_name(guess)["weight"].reason == "ignored on request"

    def test_a_group_and_a_clock_can_be_fields_too(self, clicks):
        guess = guess_columns(
            clicks,
            labels=["click"],
            group="user",
            overrides={"user": {"min_count": 3}, "seen": "categorical"},
        )

        user, seen = by_name(guess)["user"], by_name(guess)["seen"]
        assert (user.role, user.field) == ("group", CategoricalField("user", 3))
        assert (seen.role, seen.field) == ("field", CategoricalField("seen"))
        assert guess.fields[0].name == "user"
        assert guess.time == "paid"

    def test_overridden_fields_keep_their_warnings(self, clicks):
        guess = guess_columns(clicks, overrides={"price": "categorical"})

        (warning,) = by_name(guess)["price"].warnings
        assert warning.startswith("2000 distinct values in 2000 rows")


class TestProblems:
    def test_are_collected_over_all_arguments(self, clicks):
        with pytest.raises(SchemaError) as caught:
            guess_columns(
                clicks,
                labels=["clik", "site"],
                weight="wieght",
                group="nothing like it",
                time="price",
                ignore=["sitte"],
                overrides={"rating": "number", "prise": "numeric"},
            )

        message = str(caught.value)
        expected = [
            "label must be a column of the table, got 'clik' (did you mean 'click'?).",
            "weight must be a column of the table, got 'wieght' (did you mean 'weight'",
            "group must be a column of the table, got 'nothing like it'.",
            "ignore must be a column of the table, got 'sitte' (did you mean 'site'?).",
            "overrides must be a column of the table, got 'prise' (did you mean 'pri",
            "The table has the columns ['user', 'price',",
            "label 'site' must have two classes or be a number",
            "the override of 'rating' must be one of the kinds",
        ]
        assert [text for text in expected if text not in message] == []

    def test_roles_of_impossible_types(self, clicks):
        table = clicks.with_columns(flags=pl.lit(["a", "b"]), on=pl.lit(value=True))

        with pytest.raises(SchemaError) as caught:
            guess_columns(table, weight="site", group="flags", time="on")

        message = str(caught.value)
        assert "weight 'site' must be one of the types int, uint" in message
        assert "group 'flags' must be one of the types string" in message
        assert "time 'on' must be one of the types" in message

    def test_one_column_with_two_roles(self, clicks):
        with pytest.raises(SchemaError, match=r"one role, got \['user'\] with several"):
            guess_columns(clicks, group="user", time="user")

    @pytest.mark.parametrize("role", ["labels", "ignore"])
    def test_overriding_what_is_no_field(self, clicks, role):
        with pytest.raises(SchemaError, match=r"must be about fields, got \['click'\]"):
            guess_columns(
                clicks, **{role: ["click"]}, overrides={"click": "categorical"}
            )

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ([0] * 4, "label 'click' must have two classes, got only 0"),
            ([None] * 4, "label 'click' must .*, got"),
            ([None, 1.0, None, 1.0], r"two classes, got only 1\.0"),
            ([[0], [1], [0], [1]], r"numbers, text or booleans, got list\[int\]"),
            ([b"0", b"1"] * 2, "numbers, text or booleans, got other"),
            ([float("nan")] * 4, "label 'click' must have values, got only nulls"),
        ],
    )
    def test_impossible_labels(self, values, message):
        table = pl.DataFrame({"site": ["a", "b", "a", "b"], "click": values})

        with pytest.raises(SchemaError, match=message):
            guess_columns(table, labels=["click"])

    def test_no_rows(self, clicks):
        with pytest.raises(SchemaError) as caught:
            guess_columns(clicks.head(0), labels=["clik"])

        assert "table must have rows, got none." in str(caught.value)
        assert "got 'clik'" in str(caught.value)

    def test_no_columns(self):
        with pytest.raises(SchemaError, match=r"table must have rows, got none\."):
            guess_columns(pl.DataFrame())

    def test_no_field_left_says_why(self, clicks):
        table = clicks.select("seen", "click").with_columns(same=pl.lit("x"))

        with pytest.raises(SchemaError) as caught:
            guess_columns(table, labels=["click"])

        message = str(caught.value)
        assert "table must have a column that can be a field, got none" in message
        assert "'same': every row holds the same value, 'x'" in message
        assert "Name one in overrides." in message

    def test_doubled_columns_do_not_hide_missing_ones(self):
        table = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])

        with pytest.raises(SchemaError) as caught:
            guess_columns(table, labels=["click"])

        assert "['a'] more than once" in str(caught.value)
        assert "label must be a column of the table, got 'click'" in str(caught.value)

    def test_no_table_names_the_remedy(self):
        with pytest.raises(
            SchemaError, match=r"got dict\. Read .*fieldwise\.read_table"
        ):
            guess_columns({"site": ["a"], "click": [1]}, labels=["click"])
