"""The protocol as a whole, on fields whose worth is known."""

import sys

import polars as pl
import pytest

from fieldwise.errors import ConfigError, DataError
from fieldwise.fitting import fit
from fieldwise.search import field_curve
from fieldwise.search.curve_table import ALL_FIELDS
from tests.search.conftest import GRID, INFORMATIVE, ORACLE, QUICK
from tests.search.fixed_order import Broken, FixedOrder


def area(found, method, column="aukc"):
    return found.leaderboard.row(by_predicate=pl.col("method") == method, named=True)[
        column
    ]


def test_who_knows_most_is_first(curve):
    oracle, random = area(curve, "oracle"), area(curve, "random")

    assert oracle > random > area(curve, "reversed")
    assert curve.leaderboard["method"][0] == "oracle"
    assert curve.chosen == "oracle"
    assert curve.part == "test"
    assert area(curve, "random", "num_seeds") == 4


def test_all_methods_have_the_same_grid(curve):
    grids = {
        tuple(sorted(set(ks)))
        for method, ks in curve.points.group_by("method").agg("k").rows()
        if method != ALL_FIELDS
    }

    assert grids == {GRID}


def test_all_fields_are_the_fit_without_a_selection(log, curve):
    settings = {"model": "lr", "recipe": QUICK, "calibration": "platt"}
    ranker = fit(log, label="click", split="part", progress=False, **settings)

    whole = curve.points.filter(pl.col("method") == ALL_FIELDS, pl.col("seed") == 0)
    assert whole["auc"].item() == ranker.metrics["test"]["auc"]
    assert whole["log_loss"].item() == ranker.metrics["test"]["log_loss"]
    assert whole["valid_auc"].item() == ranker.metrics["valid"]["auc"]
    assert whole["k"].item() == len(ORACLE)


def test_a_cut_at_all_fields_is_the_same_fit(run_curve):
    found = run_curve(k=[6, len(ORACLE)])

    ends = found.points.filter(pl.col("k") == len(ORACLE))
    assert set(ends["method"]) == {"oracle", "cardinality", "reversed", ALL_FIELDS}
    assert ends["auc"].n_unique() == 1


def test_labels_of_test_rows_decide_nothing(log, curve, run_curve):
    is_test = pl.col("part") == "test"
    shuffled = pl.col("click").shuffle(seed=1)
    other = log.with_columns(pl.when(is_test).then(shuffled).otherwise("click"))

    found = run_curve(other, seeds=2, random_orders=4)

    for column in ("k", "fields", "valid_auc", "valid_log_loss"):
        by = ["method", "seed", "k"]
        one, two = (each.points.sort(by)[column] for each in (curve, found))
        assert one.to_list() == two.to_list()
    assert found.chosen == curve.chosen
    assert found.num_fields == curve.num_fields
    by_name = [each.leaderboard.sort("method")["k_needed"] for each in (curve, found)]
    assert by_name[0].to_list() == by_name[1].to_list()


def test_planted_noise_is_told(curve):
    # Five of 27 fields are noise, and so is their share in random orders on average;
    # the oracle puts all planted fields last.
    assert area(curve, "oracle", "noise_share") == 0
    assert area(curve, "oracle", "copies_kept") == 0
    assert area(curve, "random", "noise_share") is not None


def test_stability(curve):
    assert area(curve, "oracle", "kendall_tau") == pytest.approx(1)
    assert area(curve, "random", "kendall_tau") < 0.5


def test_the_folder(curve, curve_folder):
    names = {path.name for path in curve_folder.iterdir()}

    assert names - {"curve.svg", "curve.png"} == {
        *("comparison.json", "rows.json", "rows.parquet", ".lock"),
        *("curve.md", "curve.parquet", "points.parquet"),
        *("fits", "rankings", "planted"),
    }
    assert pl.read_parquet(curve_folder / "curve.parquet").equals(curve.leaderboard)
    assert f"On the validation rows {curve.chosen} is best" in curve.notes[0]
    page = (curve_folder / "curve.md").read_text("utf-8")
    assert curve.notes[0] in page


def test_again_makes_nothing_and_tells_the_same(curve, curve_folder, run_curve):
    before = {path: path.stat().st_mtime_ns for path in curve_folder.glob("*/*")}
    method = FixedOrder(ORACLE)

    found = run_curve(
        methods={"oracle": method}, seeds=2, random_orders=4, out=curve_folder
    )

    assert method.calls == []
    assert found.leaderboard.equals(curve.leaderboard)
    assert found.points.equals(curve.points)
    after = {path: path.stat().st_mtime_ns for path in curve_folder.glob("*/*")}
    assert after == before


def test_only_what_is_missing_is_made(run_curve, tmp_path):
    one = FixedOrder(ORACLE)
    first = run_curve(methods={"one": one}, k=[2], out=tmp_path / "x")
    num_fits = len(list((tmp_path / "x" / "fits").iterdir()))
    two = FixedOrder((*INFORMATIVE[1::-1], *ORACLE[2:]))

    more = run_curve(methods={"one": one, "two": two}, k=[2], out=tmp_path / "x")

    # Another order of the same two fields: nothing to fit.
    assert len(list((tmp_path / "x" / "fits").iterdir())) == num_fits
    assert one.calls == [0, 0]
    assert two.calls == [0, 0]
    assert area(more, "two") == area(more, "one") == area(first, "one")


def test_another_curve_is_refused(curve, curve_folder, run_curve):
    with pytest.raises(DataError, match=r"curve\.model: lr there, fm here"):
        run_curve(model="fm", out=curve_folder)
    with pytest.raises(DataError, match=r"recipe\.num_epochs: 3 there, 2 here"):
        run_curve(recipe={**QUICK, "num_epochs": 2}, out=curve_folder)


def test_a_method_that_fails_stops_no_other(run_curve):
    methods = {"bad": Broken(), "oracle": FixedOrder(ORACLE)}

    found = run_curve(methods=methods, k=[2])

    assert found.errors == {"bad": "ValueError: the scores are nan"}
    assert found.chosen == "oracle"


def test_without_test_rows_it_says_so(log, run_curve):
    found = run_curve(log.filter(pl.col("part") != "test"), k=[2])

    assert found.part == "valid"
    assert any("there are no test rows" in note for note in found.notes)


def test_a_tenth_is_held_out_for_the_test(log, run_curve):
    found = run_curve(log.drop("part"), split=None, k=[2])

    assert found.part == "test"


def test_without_the_extra(run_curve, monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)

    found = run_curve(k=[2])

    assert any("There is no picture: pictures need" in note for note in found.notes)
    assert found.folder is None


def test_impossible_arguments(log):
    with pytest.raises(ConfigError, match=r"label must be given.*test must be a share"):
        field_curve(log, methods="lasso", test=1.5)
    with pytest.raises(ConfigError, match=r"methods must be among .*lasso, "):
        field_curve(log, label="click", methods="lassso")
    own = {"random": FixedOrder(())}
    with pytest.raises(ConfigError, match=r"like the controls, got \['random'\]"):
        field_curve(log, label="click", methods=own)
    with pytest.raises(ConfigError, match=r"up to 20, which the table has"):
        field_curve(log, label="click", methods="lasso", k="5,30", split="part")


def test_a_real_label_is_refused(log, run_curve):
    rated = log.with_columns(click=pl.int_range(pl.len()) * 0.5)

    with pytest.raises(DataError, match="must have a binary label with both classes"):
        run_curve(rated, k=[2])
