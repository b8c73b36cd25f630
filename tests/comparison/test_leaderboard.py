"""Results in order, with their spread, and tested against the best."""

import numpy as np
import pytest

from fieldwise.comparison.leaderboard import make_leaderboard
from fieldwise.comparison.plan import Job, Plan
from fieldwise.metrics import auc
from fieldwise.training import FitSettings


@pytest.fixture
def labels():
    return (np.random.default_rng(0).random(300) < 0.4).astype(float)


def said(labels, signal, seed):
    noise = np.random.default_rng(seed).normal(size=len(labels))
    return 1 / (1 + np.exp(-signal * labels - noise))


@pytest.fixture
def board(labels, measured, made_up):
    """Three seeds of a good, a nearly as good and a bad system."""
    rows = measured(labels)
    signals = {"bad": 0.2, "good": 1.5, "close": 1.48}
    values = {
        (name, seed): said(labels, signal, (7, seed))
        for name, signal in signals.items()
        for seed in range(3)
    }
    plan, fits = made_up(rows, values)
    return make_leaderboard(plan, fits, {}, rows, part="test")


def test_the_best_comes_first(board, labels):
    first = board.models.row(0, named=True)

    aucs = [auc(labels, said(labels, 1.5, (7, seed))) for seed in range(3)]
    assert board.measure == "auc"
    assert board.models["model"].to_list() == ["good", "close", "bad"]
    assert board.models["place"].to_list() == [1, 2, 3]
    assert first["auc"] == pytest.approx(np.mean(aucs), abs=1e-6)
    assert first["auc_std"] == pytest.approx(np.std(aucs, ddof=1), abs=1e-6)
    assert (first["num_seeds"], first["parameters"]) == (3, 200)
    assert {"log_loss", "log_loss_std", "ece", "ece_std"} <= set(first)


def test_marks(board):
    best, close, bad = board.models.rows(named=True)

    assert (best["is_best"], best["like_best"], best["p_rows"]) == (True, None, None)
    assert close["like_best"] == (close["p_rows_corrected"] >= 0.05)
    assert bad["like_best"] is False
    assert bad["p_rows_corrected"] == pytest.approx(2 * bad["p_rows"])
    assert bad["p_seeds_corrected"] < 0.05


def test_runs(board):
    assert board.runs.height == 9
    assert board.runs["seed"].to_list() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert set(board.runs["part"]) == {"test"}
    assert {"auc", "valid_auc", "num_epochs", "best_epoch"} <= set(board.runs.columns)


def test_one_seed_has_no_spread(labels, measured, made_up):
    rows = measured(labels)
    plan, fits = made_up(rows, {("a", 0): said(labels, 1, 0)})

    line = make_leaderboard(plan, fits, {}, rows, part="valid").models.row(
        0, named=True
    )

    assert (line["auc_std"], line["p_rows"], line["p_seeds"]) == (None, None, None)
    assert line["is_best"]


def test_failures_stand_last_with_their_error(labels, measured, made_up):
    rows = measured(labels)
    _, fits = made_up(rows, {("a", 0): said(labels, 1, 0)})
    plan = Plan({name: FitSettings(model=name) for name in ("x", "a")}, 2)
    failures = {
        Job(0, "x"): "OutOfMemoryError: 3 GB",
        Job(1, "x"): "OutOfMemoryError: 3 GB",
        Job(1, "a"): "TrainingDivergedError: nan",
    }

    board = make_leaderboard(plan, fits, failures, rows, part="test")

    assert board.models["model"].to_list() == ["a", "x"]
    assert board.models["num_seeds"].to_list() == [1, 0]
    assert board.models["error"].to_list() == [
        "seed 1: TrainingDivergedError: nan",
        "seed 0, 1: OutOfMemoryError: 3 GB",
    ]
    assert board.models["auc"].to_list()[1] is None
    assert board.runs["error"].null_count() == 1


def test_all_failed(labels, measured):
    plan = Plan({"x": FitSettings(model="x")}, 1)

    board = make_leaderboard(
        plan, [], {Job(0, "x"): "E: e"}, measured(labels), part="test"
    )

    assert board.models.rows(named=True) == [
        {"place": None, "model": "x", "num_seeds": 0, "error": "seed 0: E: e"}
    ]


def test_lower_is_better_for_real_labels(labels, measured, made_up):
    rng = np.random.default_rng(1)
    real = rng.normal(size=300)
    rows = measured(real, kinds=("real",))
    values = {
        (name, 0): real + rng.normal(size=300) * s
        for name, s in (("far", 2), ("near", 1))
    }
    plan, fits = made_up(rows, values)

    board = make_leaderboard(plan, fits, {}, rows, part="test")

    assert board.measure == "squared_error"
    assert board.models["model"].to_list() == ["near", "far"]
    assert board.models["squared_error"][0] == pytest.approx(1, rel=0.2)


def test_several_labels(labels, measured, made_up):
    other = 1 - labels
    rows = measured(labels, other, kinds=("binary", "binary"))
    both = np.stack([said(labels, 2, 0), said(other, 1, 1)], axis=1)
    plan, fits = made_up(rows, {("a", 0): both})

    line = make_leaderboard(plan, fits, {}, rows, part="test").models.row(0, named=True)

    assert line["auc"] == pytest.approx(
        (line["auc_of_label0"] + line["auc_of_label1"]) / 2
    )
