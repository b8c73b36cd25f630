"""One call from a raw table to a ranker: what it holds out, refuses and records."""

import json
import logging
from datetime import date, timedelta

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import torch

import fieldwise as fw
from fieldwise.errors import ConfigError, DataError, SchemaError
from fieldwise.ranker import Ranker

QUICK = fw.Recipe(num_epochs=2, batch_size=64, learning_rate=0.05)


@pytest.fixture(scope="module")
def log():
    """Three hundred clicks; ``site`` decides, ``price`` is noise."""
    rng = np.random.default_rng(0)
    num_rows = 300
    site = rng.integers(0, 6, num_rows)
    start = date(2024, 1, 1)
    return pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "price": rng.normal(size=num_rows),
            "user": [f"u{code}" for code in rng.integers(0, 50, num_rows)],
            "day": [start + timedelta(days=int(k)) for k in rng.permutation(num_rows)],
            "part": ["train"] * 200 + ["valid"] * 60 + ["test"] * 40,
            "weight": rng.uniform(0.5, 2, num_rows),
            "rating": site + rng.normal(size=num_rows),
            "click": (rng.random(num_rows) < (site + 1) / 8).astype(int),
        }
    )


@pytest.fixture(scope="module")
def plain(log):
    """Only fields and the label."""
    return log.select("site", "price", "click")


def fit(data, **settings):
    given = {"label": "click", "model": "lr", "recipe": QUICK, "progress": False}
    if "schema" in settings:
        del given["label"]
    return fw.fit(data, **given | settings)


def weights(ranker):
    return {name: tensor.tolist() for name, tensor in ranker.model.state_dict().items()}


# What is held out


def test_a_tenth_is_held_out_at_random(plain):
    ranker = fit(plain)

    assert ranker.info["split"]["rows"] == {"train": 270, "valid": 30, "test": 0}
    assert ranker.info["split"]["how"] == repr(fw.RandomSplit(valid=0.1, seed=0))
    assert list(ranker.metrics) == ["valid"]
    assert ranker.metrics["valid"]["num_rows"] == 30


def test_the_latest_tenth_where_there_is_a_time(log):
    ranker = fit(log.select("site", "day", "click"), time="day")

    assert ranker.info["split"]["how"] == repr(fw.TimeSplit("day", valid=0.1))
    late = log.sort("day").tail(30)
    # in another order of rows, hence of sums
    assert ranker.metrics["valid"] == pytest.approx(ranker.evaluate(late))


def test_a_clock_is_found_without_being_named(log):
    ranker = fit(log.select("site", "day", "click"))

    assert ranker.schema.time == "day"
    assert "TimeSplit" in ranker.info["split"]["how"]


def test_whole_groups_where_there_are_groups(log):
    ranker = fit(log.select("site", "user", "click"), group="user")

    assert "GroupSplit" in ranker.info["split"]["how"]
    assert abs(ranker.info["split"]["rows"]["valid"] - 30) < 10
    assert ranker.metrics["valid"]["num_groups"] < 50


@pytest.mark.parametrize("split", ["part", fw.ColumnSplit("part")])
def test_a_column_names_the_parts(log, split):
    ranker = fit(log.select("site", "price", "part", "click"), split=split)

    assert ranker.info["split"]["rows"] == {"train": 200, "valid": 60, "test": 40}
    assert ranker.schema.names == ("site", "price")
    assert ranker.metrics["test"] == ranker.evaluate(log.tail(40))


@pytest.mark.parametrize(
    "split",
    [fw.TimeSplit("day", valid=0.0, test=0.2), fw.RandomSplit(valid=0.0, test=0.2)],
)
def test_validation_rows_are_taken_from_training_rows(log, split):
    ranker = fit(log.select("site", "day", "click"), split=split)

    assert ranker.info["split"]["rows"] == {"train": 216, "valid": 24, "test": 60}
    assert list(ranker.metrics) == ["valid", "test"]


def test_a_table_of_held_out_rows(log, tmp_path):
    log.tail(60).write_csv(tmp_path / "valid.csv")
    schema = fw.Schema((fw.CategoricalField("site"),), (fw.Label("click"),))

    ranker = fit(log.head(240), schema=schema, valid=tmp_path / "valid.csv")

    assert ranker.info["split"]["rows"] == {"train": 240, "valid": 60, "test": 0}
    assert ranker.metrics["valid"] == ranker.evaluate(log.tail(60))
    other = fit(log.head(240), schema=schema, valid=log.tail(50))
    assert other.info["data_fingerprint"] != ranker.info["data_fingerprint"]


def test_held_out_rows_of_other_types(log):
    schema = fw.Schema((fw.CategoricalField("site"),), (fw.Label("click"),))
    valid = log.tail(60).with_columns(pl.lit(7).alias("site"))
    train = log.head(240).with_columns(pl.col("site").cast(pl.Categorical))

    ranker = fit(train, schema=schema, valid=valid)

    assert ranker.info["unknown_shares"] == {
        "train": {"site": 0.0},
        "valid": {"site": 1.0},
    }


# One seed decides


def test_the_same_call_gives_the_same_ranker(plain, tmp_path):
    small = {"embedding_dim": 4, "hidden_dims": (8,), "dropout": 0.5}
    settings = {"model": "dcnv2", "model_arguments": small}
    plain.write_parquet(tmp_path / "log.parquet")

    first = fit(plain, **settings)
    torch.rand(7)
    np.random.default_rng().random()
    second = fit(tmp_path / "log.parquet", **settings)

    assert weights(first) == weights(second)
    assert first.predict(plain).tolist() == second.predict(plain).tolist()
    assert first.info["split"] == second.info["split"]
    third = fit(plain, recipe=fw.Recipe(num_epochs=2, seed=1), **settings)
    assert third.info["split"]["checksum"] != first.info["split"]["checksum"]
    assert weights(third) != weights(first)


def test_the_callers_random_state_stays(plain):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)

    fit(plain)

    assert torch.equal(torch.rand(1), expected)


# What the arguments do


def test_model_arguments_reach_the_model(plain):
    ranker = fit(plain, model="fm", model_arguments={"embedding_dim": 4})

    assert ranker.model_name == "fm"
    assert ranker.model_arguments == {"embedding_dim": 4}
    assert 4 in {tensor.shape[-1] for tensor in ranker.model.state_dict().values()}


def test_several_labels_real_and_binary(log):
    ranker = fit(log.select("site", "rating", "click"), label=["click", "rating"])

    assert list(ranker.metrics["valid"]) == ["click", "rating"]
    assert set(ranker.metrics["valid"]["rating"]) == {"num_rows", "rmse", "mae", "r2"}
    assert ranker.predict({"site": "s1"}).shape == (1, 2)
    assert [type(item).__name__ for item in ranker.calibrators][1] == "NoneType"


@pytest.mark.parametrize("calibration", ["identity", "platt", "beta", "isotonic"])
def test_the_calibrator_that_was_asked_for(plain, calibration):
    ranker = fit(plain, calibration=calibration)

    assert ranker.calibrators[0].name == calibration


def test_calibration_errors_before_and_after(log):
    ranker = fit(log.select("site", "part", "click"), split="part", calibration="platt")

    for part in ("valid", "test"):
        after = ranker.metrics[part]
        before = ranker.info["uncalibrated_metrics"][part]
        assert after["ece_uncalibrated"] == before["ece"]
        assert after["ece"] != before["ece"]
        assert "ece_uncalibrated" not in before
        assert after["auc"] == before["auc"]


def test_rows_of_weight_zero_do_not_count(plain):
    half = plain.with_columns(
        weight=pl.Series([1.0, 0.0] * 150), part=pl.Series(["train", "valid"] * 150)
    )
    swapped = half.with_columns(
        click=pl.when(pl.col("weight") == 0)
        .then(1 - pl.col("click"))
        .otherwise("click")
    )
    halves = {"weight": "weight", "split": fw.RandomSplit(valid=0.2)}

    one = fit(half.drop("part"), **halves)
    other = fit(swapped.drop("part"), **halves)

    assert weights(one) == weights(other)
    assert one.metrics == other.metrics


def test_a_sampled_log_is_corrected(plain):
    rng = np.random.default_rng(1)
    kept = (plain["click"] == 1).to_numpy() | (rng.random(300) < 0.25)
    sampled = plain.filter(kept)
    whole = fit(sampled, calibration="platt")

    ranker = fit(sampled, calibration="platt", negative_rate=0.25)

    odds = [p / (1 - p) for p in (whole.predict(plain), ranker.predict(plain))]
    np.testing.assert_allclose(odds[1], odds[0] * 0.25)
    # metrics are those of the full log: both shares of clicks fall together
    low, high = ranker.metrics["valid"], whole.metrics["valid"]
    assert low["positive_rate"] < high["positive_rate"]
    assert low["auc"] == pytest.approx(high["auc"])
    assert low["calibration_ratio"] == pytest.approx(1, abs=0.25)


def test_progress_is_silent(plain, capfd):
    fit(plain, progress=False)

    assert capfd.readouterr() == ("", "")


# What is recorded


def test_everything_behind_the_result_is_plain_json(log):
    ranker = fit(log.select("site", "price", "part", "click"), split="part")

    info = json.loads(json.dumps(ranker.info, allow_nan=False))

    assert set(info) == {
        "recipe",
        "history",
        "split",
        "data_fingerprint",
        "dataset_fingerprints",
        "unknown_shares",
        "warnings",
        "environment",
        "metrics",
        "uncalibrated_metrics",
    }
    assert fw.Recipe.from_dict(info["recipe"]) == QUICK
    assert list(info["unknown_shares"]) == ["train", "valid", "test"]
    assert len(set(info["dataset_fingerprints"].values())) == 3
    assert len(info["data_fingerprint"]) == len(info["split"]["checksum"]) == 64
    assert info["environment"]["fieldwise"] == fw.__version__
    assert info["environment"]["torch"].startswith(torch.__version__.split("+")[0])


def test_leaks_are_recorded_and_logged(log, caplog):
    given_away = log.select("site", "click", status=pl.col("click") * 5)
    with caplog.at_level(logging.WARNING, logger="fieldwise"):
        ranker = fit(given_away)

    copies, status = ranker.info["warnings"]
    assert "stand in the training rows, too" in copies
    assert "field 'status' alone predicts label 'click'" in status
    assert status in caplog.text


# What is refused, and when


class Untouchable:
    """Fails the test when anything reads it."""

    def __getattr__(self, name):
        pytest.fail(f"data was touched: {name}")


SCHEMA = fw.Schema((fw.CategoricalField("site"),), (fw.Label("click"),))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"label": None}, "label must be given, got None"),
        ({"label": []}, "label must be given"),
        ({"model": "dcnv22"}, "model must be one of .*'dcnv22'.*did you mean"),
        ({"model_arguments": {"depth": 3}}, r"argument.*\['depth'\]"),
        ({"model_arguments": {"a": {1}}}, "plain JSON types"),
        ({"calibration": "plat"}, "calibration must be one of 'auto', .* got 'plat'"),
        ({"negative_rate": 0.0}, "negative_rate must be a share"),
        ({"negative_rate": 1.5}, "negative_rate must be a share"),
        ({"valid": "v.csv", "split": "part"}, "split must be None where valid is"),
        ({"schema": SCHEMA, "time": "day"}, "time must be part of the schema"),
        ({"schema": SCHEMA, "label": "x", "ignore": ["y"]}, "label and ignore must be"),
        ({"schema": fw.Schema(SCHEMA.fields)}, "schema must have a label, got none"),
    ],
    ids=str,
)
def test_impossible_arguments_are_refused_before_anything_is_read(settings, message):
    with pytest.raises(ConfigError, match=f"(?i){message}"):
        fit(Untouchable(), **settings)


def test_everything_impossible_is_listed_at_once():
    wrong = {"label": None, "model": "x", "calibration": "y", "negative_rate": 2.0}

    with pytest.raises(ConfigError) as caught:
        fit(Untouchable(), **wrong)

    for name in wrong:
        assert f"{name} must be" in str(caught.value)


@pytest.fixture
def no_training(monkeypatch):
    """Fail the test when training starts."""
    monkeypatch.setattr(
        fw.Trainer, "fit", lambda *_, **__: pytest.fail("training had begun")
    )


@pytest.mark.usefixtures("no_training")
class TestRefusedBeforeTraining:
    def test_no_such_column(self, plain):
        with pytest.raises(SchemaError, match=r"got 'clik' \(did you mean 'click'"):
            fit(plain, label="clik")
        with pytest.raises(SchemaError, match="'site' is missing"):
            fit(plain.drop("site"), schema=SCHEMA)

    def test_a_label_of_one_class(self, plain):
        with pytest.raises(SchemaError, match="label 'click' must have two classes"):
            fit(plain.with_columns(click=pl.lit(1)))

    def test_a_label_of_one_class_in_the_training_rows(self, plain):
        parts = ["valid" if click else "train" for click in plain["click"]]
        with pytest.raises(SchemaError, match="two classes in the training rows"):
            fit(plain.with_columns(part=pl.Series(parts)), split="part")

    def test_held_out_table_without_columns_or_rows(self, plain):
        with pytest.raises(SchemaError, match="'click' is missing"):
            fit(plain, valid=plain.drop("click"))
        with pytest.raises(DataError, match="valid must have rows, got none"):
            fit(plain, valid=plain.head(0))

    def test_no_rows(self, plain):
        with pytest.raises(SchemaError, match="must have rows, got none"):
            fit(plain.head(0))
        with pytest.raises(DataError, match="must leave rows"):
            fit(plain.head(0), schema=SCHEMA)

    def test_a_column_that_names_no_parts(self, plain):
        with pytest.raises(DataError, match="'site' must name a part in every row"):
            fit(plain, split="site")
        with pytest.raises(DataError, match="got 'nowhere'"):
            fit(plain, split="nowhere")

    def test_text_in_a_numeric_field(self, plain):
        schema = fw.Schema((fw.NumericField("site"),), (fw.Label("click"),))
        with pytest.raises(SchemaError, match="'site' must hold numbers, got 's"):
            fit(plain, schema=schema)

    def test_a_reader_that_can_be_read_once(self, plain):
        reader = pa.Table.from_pandas(plain.to_pandas()).to_reader()
        with pytest.raises(DataError, match="can be read twice"):
            fit(reader)


def test_held_out_rows_of_one_class(plain):
    parts = ["train", "valid"] * 150
    table = plain.with_columns(part=pl.Series(parts)).with_columns(
        click=pl.when(pl.col("part") == "valid").then(1).otherwise("click")
    )

    ranker = fit(table, split="part")

    assert "auc" not in ranker.metrics["valid"]
    assert ranker.metrics["valid"]["positive_rate"] == 1
    assert isinstance(ranker, Ranker)
