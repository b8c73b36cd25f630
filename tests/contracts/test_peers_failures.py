"""Failures seen in other libraries, one by one: none of them may happen here.

Each test has the number of the failure. The second half of 4, a run that is killed and
resumed, is in ``test_killed_runs``.
"""

import json
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from sklearn import metrics as reference

import fieldwise as fw
from fieldwise.data.encoder import Encoder
from fieldwise.data.encoding import encode_frame
from fieldwise.data.parts import divide
from fieldwise.metrics import (
    auc,
    expected_calibration_error,
    group_auc,
    log_loss,
    mae,
    r2,
    rmse,
)
from fieldwise.models import build_model

CLICK = (fw.Label("click", "binary", positive=1),)
MIXED = fw.Schema(
    (
        fw.CategoricalField("site"),
        fw.NumericField("price", num_buckets=4),
        fw.SequenceField("tags"),
    ),
    CLICK,
)
SMALL = {"embedding_dim": 4, "num_cross_layers": 1, "hidden_dims": (8,)}
QUICK = fw.Recipe(num_epochs=2, batch_size=64, learning_rate=0.05)


def make_log(num_rows=240, *, seed=0):
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 6, num_rows)
    return pl.DataFrame(
        {
            "site": [f"s{code}" for code in site],
            "price": rng.exponential(size=num_rows),
            "tags": [rng.choice(["a", "b", "c"], k % 3).tolist() for k in site],
            "user": rng.integers(0, 40, num_rows),
            "day": rng.permutation(num_rows),
            "click": (rng.random(num_rows) < (site + 1) / 8).astype(int),
        }
    )


@pytest.fixture(scope="module")
def log():
    return make_log()


def fit(data, schema=MIXED, **settings):
    given = {"model": "lr", "recipe": QUICK, "progress": False}
    return fw.fit(data, schema=schema, **given | settings)


@pytest.fixture(scope="module")
def ranker(log):
    return fit(log, model="dcnv2", model_arguments=SMALL)


@pytest.fixture
def encoded(log):
    """Training and validation rows, and a model of fresh weights."""
    encoder = Encoder.fit(log.lazy(), MIXED)
    train = encode_frame(encoder, log, labelled=True)
    valid = encode_frame(encoder, make_log(80, seed=1), labelled=True)
    torch.manual_seed(0)
    return build_model("dcnv2", encoder.schema, **SMALL, dropout=0.3), train, valid


def state(model):
    return deepcopy(model.state_dict())


def assert_equal_states(one, other):
    assert list(one) == list(other)
    for name in one:
        assert torch.equal(one[name], other[name]), name


# 1


@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        ({"site": "never seen"}, "site"),
        ({"site": None}, "site"),
        ({"site": 3.5}, "site"),
        ({"tags": ["never seen"]}, "tags"),
        ({"tags": [7, 8]}, "tags"),
        ({"tags": []}, None),
        ({"price": None}, None),
        ({"price": "0.5"}, None),
        ({"extra": "column"}, None),
    ],
    ids=str,
)
def test_01_odd_rows_are_scored_and_unknown_values_reported(
    ranker, log, change, unknown
):
    row = log.row(1, named=True)

    found = ranker.score(row | change)

    assert 0 < found.values[0] < 1
    shares = {name for name, share in found.unknown_shares.items() if share}
    assert shares == ({unknown} if unknown else set())


# 2


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_02_large_ids_keep_vectors_of_their_own(tmp_path, form):
    ids = [2**24, 2**24 + 1, 2**31, 2**31 + 1, 2**53, 2**53 + 1, 2**63 - 2, 2**63 - 1]
    rng = np.random.default_rng(0)
    table = pl.DataFrame({"user": ids * 40})
    rates = (np.arange(320) % 8 + 0.5) / 8
    table = table.with_columns(click=(rng.random(320) < rates).astype(int))
    path = tmp_path / f"log.{form}"
    table.write_csv(path) if form == "csv" else table.write_parquet(path)

    ranker = fit(path, fw.Schema((fw.CategoricalField("user"),), CLICK))
    ranker.save(tmp_path / "ranker")
    found = fw.load(tmp_path / "ranker").score({"user": ids})

    assert len(set(found.logits.tolist())) == 8
    assert found.unknown_shares == {"user": 0.0}


# 3


def test_03_validation_changes_no_weight_and_every_step_is_in_train_mode(encoded):
    model, train, valid = encoded
    # The rate never drops and patience never ends: validation only watches.
    recipe = replace(QUICK, num_epochs=3, plateau_factor=1.0, patience=100)
    runs = []
    for held_out in (None, valid):
        twin, states, modes = deepcopy(model), [], []
        twin.register_forward_pre_hook(
            lambda module, _, modes=modes: modes.append(
                (torch.is_grad_enabled(), {m.training for m in module.modules()})
            )
        )
        fw.Trainer(recipe, progress=False).fit(
            twin,
            train,
            held_out,
            on_epoch_end=lambda _, twin=twin, states=states: states.append(state(twin)),
        )
        steps = [mode for has_grad, mode in modes if has_grad]
        assert len(steps) == 3 * 4  # three epochs of 240 rows, 64 at a time
        assert all(mode == {True} for mode in steps)
        assert all(mode == {False} for has_grad, mode in modes if not has_grad)
        runs.append(states)

    for alone, watched in zip(*runs, strict=True):
        assert_equal_states(alone, watched)


# 4


def test_04_the_best_epoch_is_restored_though_patience_never_ends(encoded):
    model, train, valid = encoded
    # Far too fast: later epochs overfit.
    recipe = replace(
        QUICK, num_epochs=12, learning_rate=0.1, patience=100, monitor="logloss"
    )
    states = []

    history = fw.Trainer(recipe, progress=False).fit(
        model, train, valid, on_epoch_end=lambda _: states.append(state(model))
    )

    losses = [record.valid_metrics["logloss"] for record in history.epochs]
    best = int(np.argmin(losses))
    assert not history.stopped_early
    assert len(losses) == 12
    assert best < 11
    assert history.best_epoch == best + 1
    assert_equal_states(state(model), states[best])


# 5

IN_ANOTHER_PROCESS = """
import hashlib, json, sys
import polars as pl
from fieldwise.data.encoder import Encoder
from fieldwise.data.splits import GroupSplit, RandomSplit, TimeSplit, split_checksum
from fieldwise.schema import Schema
frame = pl.scan_parquet(sys.argv[1])
encoder = Encoder.fit(frame, Schema.from_dict(json.loads(sys.argv[2])))
splits = RandomSplit(), GroupSplit("user"), TimeSplit("day")
found = [split_checksum(split.assign(frame)) for split in splits]
found += [v.to_frame().write_json() for v in encoder.vocabularies.values()]
print(hashlib.sha256("".join(found).encode()).hexdigest())
"""


def test_05_vocabulary_and_splits_are_the_same_with_any_number_of_threads(
    log, tmp_path
):
    path = tmp_path / "log.parquet"
    log.write_parquet(path, row_group_size=17)
    found = set()
    for threads in ("1", "3"):
        run = subprocess.run(
            [
                sys.executable,
                "-c",
                IN_ANOTHER_PROCESS,
                path,
                json.dumps(MIXED.to_dict()),
            ],
            check=True,
            capture_output=True,
            text=True,
            env={"POLARS_MAX_THREADS": threads, "PATH": "", "PYTHONHASHSEED": threads},
        )
        found.add(run.stdout)

    assert len(found) == 1


def test_05_the_order_of_rows_does_not_show_in_a_vocabulary(log):
    shuffled = log.sample(fraction=1, shuffle=True, seed=3)

    one, other = (Encoder.fit(t.lazy(), MIXED) for t in (log, shuffled))

    for name, vocabulary in one.vocabularies.items():
        assert vocabulary.to_frame().equals(other.vocabularies[name].to_frame())


# 6


def test_06_groups_are_one_over_all_files_and_group_auc_is_that_of_a_loop(tmp_path):
    rng = np.random.default_rng(0)
    # Groups 30 to 39 are in both files; group 99 has one class.
    files = []
    for number, groups in enumerate([range(40), range(30, 70)]):
        users = rng.choice(list(groups), 150)
        table = make_log(150, seed=number).with_columns(user=pl.Series(users))
        table = table.with_columns(
            click=pl.when(pl.col("user") % 10 == 9).then(0).otherwise("click")
        )
        files.append(tmp_path / f"{number}.parquet")
        table.write_parquet(files[-1])
    whole = pl.concat([pl.read_parquet(file) for file in files])
    ranker = fit(files, replace(MIXED, group="user"))

    found = ranker.evaluate(files)

    values = ranker.predict(files)
    clicks, users = whole["click"].to_numpy(), whole["user"].to_numpy()
    aucs, sizes = [], []
    for user in set(users.tolist()):
        of = users == user
        if len(set(clicks[of])) == 2:
            aucs.append(reference.roc_auc_score(clicks[of], values[of]))
            sizes.append(of.sum())
    assert found["group_auc"] == pytest.approx(np.average(aucs, weights=sizes))
    assert found["num_groups"] == len(set(users.tolist()))
    assert found["num_groups_left_out"] == found["num_groups"] - len(aucs)
    assert found["num_groups_left_out"] >= 5


# 7


@pytest.mark.parametrize("optimizer", ["lazy_adam", "rowwise_adagrad"])
def test_07_rows_no_batch_touches_do_not_move_under_l2(log, optimizer):
    encoder = Encoder.fit(log.lazy(), MIXED)
    # s5 is in the vocabulary, but not in these rows.
    train = encode_frame(encoder, log.filter(pl.col("site") != "s5"), labelled=True)
    model = build_model("fm", encoder.schema, embedding_dim=4)
    unused = int(encoder.vocabularies["site"].encode(pl.Series(["s5"]))[0])
    before = state(model)

    recipe = replace(QUICK, optimizer=optimizer, embedding_l2=0.1, l2_scope="touched")
    fw.Trainer(recipe, progress=False).fit(model, train)

    table = "embedding.table"
    assert torch.equal(state(model)[table][unused], before[table][unused])
    others = [row for row in range(1, 7) if row != unused]
    moved = (state(model)[table] != before[table]).any(dim=1)
    assert moved[others].all()


def test_07_dense_and_lazy_adam_agree_on_touched_rows(log):
    encoder = Encoder.fit(log.lazy(), MIXED)
    train = encode_frame(encoder, log, labelled=True)
    found = []
    for optimizer in ("adam", "lazy_adam"):
        torch.manual_seed(0)
        model = build_model("fm", encoder.schema, embedding_dim=4)
        # One batch holds every row, so every known value is touched at each step.
        recipe = replace(QUICK, optimizer=optimizer, batch_size=240, num_epochs=5)
        fw.Trainer(recipe, progress=False).fit(model, train)
        found.append(state(model))

    for name, tensor in found[0].items():
        torch.testing.assert_close(tensor, found[1][name], rtol=1e-5, atol=1e-7)


# 9


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(
    "split",
    [fw.RandomSplit(valid=0.2, test=0.1), fw.TimeSplit("day", valid=0.2), "part"],
    ids=["fraction", "time", "pre-split"],
)
def test_09_every_split_of_every_form_learns_from_training_rows_only(
    log, tmp_path, form, split
):
    # Every row has a name of its own: what a vocabulary knows tells what it has seen.
    table = log.select(
        "day", "click", name=pl.format("n{}", pl.col("day"))
    ).with_columns(
        part=pl.when(pl.col("day") < 200)
        .then(pl.lit("train"))
        .otherwise(pl.lit("valid"))
    )
    path = tmp_path / f"log.{form}"
    table.write_csv(path) if form == "csv" else table.write_parquet(path)
    schema = fw.Schema((fw.CategoricalField("name", min_count=1),), CLICK)

    ranker = fit(path, schema, split=split)

    parts = divide(table.lazy(), fw.ColumnSplit(split) if split == "part" else split)
    assert ranker.info["split"]["checksum"] == parts.checksum
    known = set(ranker.encoder.vocabularies["name"].values)
    assert known == set(parts.train.collect()["name"])
    shares = ranker.info["unknown_shares"]
    assert shares["train"] == {"name": 0.0}
    assert all(shares[part] == {"name": 1.0} for part in shares if part != "train")


# 10


def test_10_a_saved_ranker_says_the_same_one_row_at_a_time(ranker, log, tmp_path):
    ranker.save(tmp_path / "ranker")
    loaded = fw.load(tmp_path / "ranker")
    expected = ranker.predict(log)

    np.testing.assert_array_equal(loaded.predict(log), expected)
    for number in range(0, 240, 24):
        row = log.row(number, named=True)
        alone = loaded.predict(row)
        assert alone.tolist() == ranker.predict(row).tolist()
        # Batches of other sizes sum in another order, in 32 bits.
        assert alone == pytest.approx(expected[[number]], abs=1e-6)


# 11


def with_field(place, **changes):
    fields = list(MIXED.fields)
    fields[place] = replace(fields[place], **changes)
    return replace(MIXED, fields=tuple(fields))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": with_field(0, min_count=3)},
        {"schema": with_field(0, max_size=100)},
        {"schema": with_field(1, num_buckets=5)},
        {"schema": with_field(1, encoding="standard")},
        {"schema": with_field(2, max_length=99)},
        {"schema": MIXED.select(["site", "price"])},
        {"schema": replace(MIXED, group="user")},
        {"schema": replace(MIXED, labels=(fw.Label("click", "real"),))},
        {"split": fw.RandomSplit(valid=0.1, seed=1)},
        {"data": make_log(seed=1)},
    ],
)
def test_11_any_changed_setting_makes_encoded_rows_new(log, change):
    settings = {"data": log, "schema": MIXED, "recipe": fw.Recipe(num_epochs=1)}
    before = fit(**settings).info["dataset_fingerprints"]

    changed = fit(**settings | change).info["dataset_fingerprints"]

    assert set(before.values()).isdisjoint(changed.values())
    assert fit(**settings).info["dataset_fingerprints"] == before


# 12


def test_12_metrics_equal_scikit_learn():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 500)
    # ties on purpose
    values = np.clip(rng.integers(0, 60, 500) / 60 + labels * 0.1, 0.01, 0.99)
    weights = rng.uniform(0, 3, 500)
    for given in ({}, {"weights": weights}):
        theirs = {"sample_weight": weights} if given else {}
        pairs = {
            auc: reference.roc_auc_score,
            log_loss: reference.log_loss,
            rmse: reference.root_mean_squared_error,
            mae: reference.mean_absolute_error,
            r2: reference.r2_score,
        }
        for ours, their in pairs.items():
            wanted = their(labels, values, **theirs)
            assert ours(labels, values, **given) == pytest.approx(wanted, abs=1e-9)


def test_12_calibrated_rows_have_a_small_calibration_error():
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(size=100_000)
    labels = (rng.random(100_000) < probabilities).astype(int)

    right = expected_calibration_error(labels, probabilities)
    wrong = expected_calibration_error(labels, probabilities**2)

    # noise of a bin of 6,667 rows is about 0.005; E[p - p^2] = 1/2 - 1/3
    assert right < 0.006
    assert wrong == pytest.approx(1 / 6, abs=0.01)


def test_12_metrics_of_a_fit_have_all_their_digits(ranker, log):
    found = ranker.evaluate(log)

    values = ranker.predict(log)
    assert found["auc"] == pytest.approx(
        reference.roc_auc_score(log["click"], values), abs=1e-9
    )
    assert found["log_loss"] == pytest.approx(
        reference.log_loss(log["click"], values), abs=1e-9
    )
    by_user = group_auc(log["click"], values, log["user"])
    assert by_user.num_groups == log["user"].n_unique()
