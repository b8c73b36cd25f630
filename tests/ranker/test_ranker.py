"""Raw rows in, probabilities out: by hand, in every form, with every odd value."""

import logging

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import torch
from sklearn import metrics as reference

from fieldwise.calibration import IdentityCalibrator, PlattCalibrator
from fieldwise.data.encoder import Encoder
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.errors import SchemaError
from fieldwise.fitting import fit
from fieldwise.models import LR
from fieldwise.ranker import Ranker
from fieldwise.schema import CategoricalField, Label, NumericField, Schema
from fieldwise.training import Recipe

# Batches of other sizes sum in another order: equal up to the rounding of 32 bits.
ROUNDING = 1e-6


@pytest.fixture
def make_by_hand():
    """Logits 1.5 for a, -0.5 for b and 0.5 for all others."""

    def make(calibrator=None, *, labels=("click",), **settings):
        schema = Schema(
            (CategoricalField("site", num_features=3, value_type="string"),),
            tuple(Label(name, "binary", positive=1) for name in labels),
        )
        counts = pl.DataFrame({"value": ["a", "b"], "count": [3, 2]})
        vocabulary = Vocabulary.from_counts(counts, "string", min_count=1)
        model = LR(schema)
        with torch.no_grad():
            model.linear.weights.table.copy_(torch.tensor([[0.0], [1.0], [-1.0]]))
            model.bias.fill_(0.5)
        return Ranker(
            Encoder(schema, {"site": vocabulary}),
            model,
            [calibrator or IdentityCalibrator()],
            model_name="lr",
            model_arguments={},
            **settings,
        )

    return make


def test_probability_by_hand(make_by_hand):
    found = make_by_hand().score({"site": ["a", "b", "new"]})

    assert found.logits.tolist() == [1.5, -0.5, 0.5]
    # the sigmoids of these: one over 1 + exp(-1.5), and so on
    assert found.values == pytest.approx([0.8175744762, 0.3775406688, 0.6224593312])
    assert found.unknown_shares == {"site": pytest.approx(1 / 3)}


def test_calibrator_and_sampling_by_hand(make_by_hand):
    platt = PlattCalibrator.from_dict({"name": "platt", "slope": 2.0, "intercept": -1})
    ranker = make_by_hand(platt, negative_rate=0.25)

    found = ranker.predict({"site": "a"})

    # odds of the sample exp(2 * 1.5 - 1) = exp(2); a quarter of that in the full log
    odds = np.exp(2) * 0.25
    assert found == pytest.approx([odds / (1 + odds)])


def test_a_ranker_shows_what_it_is(make_by_hand):
    shown = repr(make_by_hand())

    assert shown == "Ranker('lr', labels=['click'], fields=1, parameters=4)"


def test_all_forms_agree(ranker, log, tmp_path):
    file = tmp_path / "log.parquet"
    log.write_parquet(file, row_group_size=50)
    forms = {
        "lazy": log.lazy(),
        "pandas": log.to_pandas(),
        "arrow": log.to_arrow(),
        "reader": log.to_arrow().to_reader(),
        "file": file,
        "files": [file],
        "dict": log.to_dict(as_series=False),
        "dict of series": log.to_dict(),
        "list of dicts": log.to_dicts(),
        "other order": log.select(log.columns[::-1]),
    }

    expected = ranker.predict(log)

    assert expected.shape == (300,)
    assert {name: ranker.predict(form).tolist() for name, form in forms.items()} == {
        name: expected.tolist() for name in forms
    }


def test_one_row_as_a_dict_equals_its_row(ranker, log):
    expected = ranker.predict(log)
    for number in (0, 7, 299):
        row = log.row(number, named=True)

        found = ranker.predict(row)

        assert found == pytest.approx(expected[[number]], abs=ROUNDING)


def test_chunks_do_not_show(ranker, log, monkeypatch):
    whole = ranker.score(log)
    monkeypatch.setattr("fieldwise.ranker.streaming.CHUNK_ROWS", 7)

    found = ranker.score(log)

    np.testing.assert_allclose(found.values, whole.values, rtol=0, atol=ROUNDING)
    assert found.unknown_shares == whole.unknown_shares


def test_missing_columns_are_listed_at_once(ranker, log):
    with pytest.raises(SchemaError, match=r"'price' is missing.*'tags' is missing"):
        ranker.predict(log.drop("price", "tags"))
    with pytest.raises(SchemaError, match=r"'site' is missing.*'user' is missing"):
        ranker.predict({})


def test_extra_columns_and_labels_change_nothing(ranker, log):
    names = list(ranker.schema.names)
    extra = log.select(names).with_columns(pl.lit(1).alias("ünknown"))

    assert ranker.predict(extra).tolist() == ranker.predict(log).tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"site": None},
        {"site": "never seen"},
        {"site": ""},
        {"site": 12},
        {"site": 1.5},
        {"site": True},
        {"user": None},
        {"user": "no number"},
        {"user": 0.5},
        {"user": -1},
        {"user": 2**64 - 1},
        {"user": 2**70},
        {"price": None},
        {"price": float("nan")},
        {"price": float("inf")},
        {"price": -1e300},
        {"price": "2.5"},
        {"price": True},
        {"tags": None},
        {"tags": []},
        {"tags": [None]},
        {"tags": ["never seen"]},
        {"tags": [1, 2]},
        {"tags": ["a"] * 500},
        {"text": None},
        {"text": [1, 2, 3]},
        {"text": [None, float("inf"), 1.0]},
    ],
    ids=str,
)
def test_odd_values_give_a_probability(ranker, log, change):
    row = log.drop("query").row(0, named=True)

    for rows in (row | change, [row, row | change]):
        found = ranker.predict(rows)

        assert ((found > 0) & (found < 1)).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": "cheap"}, "'price' must hold numbers, got 'cheap'"),
        ({"price": [1.0]}, "'price' must be readable as a numeric field"),
        ({"site": ["a"]}, "'site' must be readable as a categorical field"),
        ({"tags": "a"}, "'tags' must be readable as a sequence field"),
        ({"tags": 5}, "'tags' must be readable as a sequence field"),
        ({"text": 0.5}, "'text' must be readable as a vector field"),
        ({"text": ["a", "b", "c"]}, "'text' must be readable as a vector field"),
        ({"text": [0.5]}, "'text' must hold lists of length 3"),
    ],
    ids=str,
)
def test_wrong_types_name_the_field(ranker, log, change, message):
    row = log.row(0, named=True)

    with pytest.raises(SchemaError, match=message):
        ranker.predict([row | change])


def test_an_empty_list_is_a_null_list(ranker, log):
    row = log.row(0, named=True)
    lists = [{**row, "tags": tags} for tags in ([], None, [None])]

    found = ranker.predict(lists)

    # Rows of one batch may differ in the last bit of a float32 product.
    np.testing.assert_allclose(found, found[0], rtol=1e-6)


@pytest.mark.parametrize("encoding", ["standard", "ple", "periodic"])
def test_a_missing_number_counts_as_the_mean(fit_log, log, encoding):
    fields = (CategoricalField("site"), NumericField("price", encoding=encoding))
    ranker = fit_log(fields=fields)
    field = ranker.schema["price"]
    # centred after the squash sign(x) * log(1 + |x|)
    mean = float(np.expm1(field.center))

    missing, average = ranker.predict({"site": ["s1", "s1"], "price": [None, mean]})

    assert not field.has_nulls
    assert missing == pytest.approx(average, abs=ROUNDING)


def test_a_number_often_missing_is_learned(log):
    # only rows without a price are clicked
    price = [None if click else 1.0 + k % 7 for k, click in enumerate(log["click"])]
    table = log.select("click", price=pl.Series(price))
    schema = Schema((NumericField("price", encoding="standard"),), (Label("click"),))
    recipe = Recipe(num_epochs=5, batch_size=32, learning_rate=0.1)
    ranker = fit(table, schema=schema, model="lr", recipe=recipe, progress=False)

    missing, average = ranker.predict({"price": [None, 3.5]})

    assert ranker.schema["price"].has_nulls
    assert missing > 0.5 > average


NO_ROWS = [
    lambda log: log.head(0),
    lambda log: log.head(0).to_arrow(),
    lambda log: log.head(0).to_dict(as_series=False),
    lambda log: [],
]


@pytest.mark.parametrize("make", NO_ROWS)
def test_zero_rows(ranker, both_labels, log, make):
    assert ranker.predict(make(log)).shape == (0,)
    assert both_labels.predict(make(log)).shape == (0, 2)
    assert ranker.score(make(log)).logits.shape == (0,)
    assert ranker.evaluate(make(log)) == {"num_rows": 0}


def test_shares_of_unknown_values(ranker, log):
    rows = log.head(4).with_columns(
        site=pl.Series(["s0", "new", "newer", None]),
        user=pl.lit(-1),
        tags=pl.Series([["a"], ["new", "a"], [], ["b", "c"]]),
    )

    found = ranker.score(rows).unknown_shares

    # null is a known site; of seven tags one is new, and "no tag" was trained on
    assert found == {"site": 0.5, "user": 1.0, "tags": pytest.approx(1 / 6)}


def test_drift_is_logged_where_there_are_rows_enough(ranker, log, caplog):
    drifted = log.with_columns(site=pl.lit("new"))
    with caplog.at_level(logging.WARNING, logger="fieldwise"):
        ranker.score(log)
        ranker.score(drifted.head(1))
        assert caplog.text == ""

        ranker.score(drifted)

    assert "far more unknown values than at fit: {'site': 1.0}" in caplog.text


def test_evaluate_equals_scikit_learn(fit_log, log, tmp_path):
    ranker = fit_log(weight="weight", group="query")

    found = ranker.evaluate(log)

    values = ranker.predict(log)
    labels, queries = log["click"].to_numpy(), log["query"].to_numpy()
    # weights are stored in 32 bits
    weights = log["weight"].to_numpy().astype(np.float32)
    given = {"sample_weight": weights}
    aucs, shares = [], []
    for query in np.unique(queries):
        of = queries == query
        if 0 < labels[of].sum() < of.sum():
            given_group = {"sample_weight": weights[of]}
            aucs.append(reference.roc_auc_score(labels[of], values[of], **given_group))
            shares.append(weights[of].sum())
    wanted = {
        "num_rows": 300,
        "log_loss": reference.log_loss(labels, values, **given),
        "brier": reference.brier_score_loss(labels, values, **given),
        "auc": reference.roc_auc_score(labels, values, **given),
        "group_auc": np.average(aucs, weights=shares),
        "num_groups": len(np.unique(queries)),
        "num_groups_left_out": len(np.unique(queries)) - len(aucs),
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-7)
    assert {"ece", "ece_uncalibrated", "ndcg@10"} <= set(found)
    log.write_parquet(tmp_path / "log.parquet")
    assert ranker.evaluate(tmp_path / "log.parquet") == found


def test_evaluate_needs_labels_weights_and_groups(fit_log, log):
    ranker = fit_log(weight="weight", group="query")

    with pytest.raises(SchemaError, match=r"'click' is missing.*'weight'.*'query'"):
        ranker.evaluate(log.drop("click", "weight", "query"))
    assert ranker.predict(log.drop("click", "weight", "query")).shape == (300,)


def test_several_labels(both_labels, log):
    values = both_labels.predict(log)

    found = both_labels.evaluate(log)

    assert values.shape == (300, 2)
    assert ((values[:, 0] > 0) & (values[:, 0] < 1)).all()
    assert list(found) == ["click", "rating"]
    rating = log["rating"].to_numpy()
    assert abs(values[:, 1].mean() - rating.mean()) < 3 * rating.std()
    # labels are stored in 32 bits
    assert found["rating"] == pytest.approx(
        {
            "num_rows": 300,
            "rmse": reference.root_mean_squared_error(rating, values[:, 1]),
            "mae": reference.mean_absolute_error(rating, values[:, 1]),
            "r2": reference.r2_score(rating, values[:, 1]),
        },
        abs=1e-5,
    )
    click = log["click"].to_numpy()
    auc = reference.roc_auc_score(click, values[:, 0])
    assert found["click"]["auc"] == pytest.approx(auc)
    assert "ece_uncalibrated" not in found["rating"]


def test_values_of_a_real_label_are_in_its_unit(fit_log, log):
    ranker = fit_log(Label("rating"))

    found = ranker.score(log)

    label = ranker.schema.labels[0]
    assert label.center == pytest.approx(log["rating"].mean(), abs=0.5)
    np.testing.assert_array_equal(
        found.values, found.logits * label.scale + label.center
    )


def test_calibration_error_before_and_after(make_by_hand):
    flat = {"name": "platt", "slope": 1e-12, "intercept": 0.0}
    rows = {"site": ["a", "a"], "click": [1, 0]}

    found = make_by_hand(PlattCalibrator.from_dict(flat)).evaluate(rows)

    # one of two clicks: 0.5 is right, 1 / (1 + exp(-1.5)) = 0.817574 is not
    assert found["ece"] == pytest.approx(0.0, abs=1e-9)
    assert found["ece_uncalibrated"] == pytest.approx(0.3175744762)


def test_evaluate_rows_whose_negatives_were_sampled(make_by_hand):
    ranker = make_by_hand(negative_rate=0.5)
    sampled = {"site": ["a", "b", "b"], "click": [1, 0, 1]}
    full = {"site": ["a", "b", "b", "b"], "click": [1, 0, 0, 1]}

    found = ranker.evaluate(sampled, negative_rate=0.5)

    # the one negative stands for two
    expected = ranker.evaluate(full) | {"num_rows": 3}
    assert found == pytest.approx(expected)


def test_impossible_negative_rate(make_by_hand):
    rows = {"site": ["a", "b"], "click": [1, 0]}
    with pytest.raises(ValueError, match="negative_rate must be a share"):
        make_by_hand().evaluate(rows, negative_rate=0.0)


def test_every_label_needs_a_calibrator(make_by_hand):
    message = r"calibrators must be one per label \(2\), got 1"
    with pytest.raises(SchemaError, match=message):
        make_by_hand(labels=("click", "buy"))


def test_ids_of_64_bits_are_told_apart(make_by_hand, log, fit_log, tmp_path):
    ids = [2**24, 2**24 + 1, 2**31, 2**31 + 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63 - 2]
    users = pl.Series([ids[k % 8] for k in range(300)])
    rng = np.random.default_rng(1)
    clicks = rng.random(300) < np.arange(300) % 8 / 8 + 0.05
    table = pl.DataFrame({"user": users, "click": clicks.astype(int)})
    table.write_csv(tmp_path / "log.csv")

    schema = Schema((CategoricalField("user"),), (Label("click"),))
    recipe = Recipe(num_epochs=5, batch_size=32, learning_rate=0.05)
    ranker = fit(
        tmp_path / "log.csv", schema=schema, model="lr", recipe=recipe, progress=False
    )
    ranker.save(tmp_path / "ranker")
    loaded = Ranker.load(tmp_path / "ranker")

    found = loaded.score({"user": ids})

    assert len(set(found.logits.tolist())) == 8
    assert found.unknown_shares == {"user": 0.0}
    assert (
        found.logits.tolist() == ranker.score(pa.table({"user": ids})).logits.tolist()
    )
