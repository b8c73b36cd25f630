"""What is ranked and fitted, with which rows."""

import polars as pl

from fieldwise.comparison.plan import Job
from fieldwise.search.curve_run import CurvePlan
from fieldwise.training import FitSettings
from tests.search.conftest import ORACLE
from tests.search.fixed_order import FixedOrder


def test_rankings_of_a_plan():
    settings = FitSettings(model="lr", recipe={"seed": 5})
    plan = CurvePlan({"a": FixedOrder(())}, settings, 2, random_orders=3)

    assert list(plan.seeds) == [5, 6]
    assert set(plan.rankings) == {
        *(Job(seed, name) for seed in (5, 6) for name in ("a", "cardinality")),
        *(Job(seed, "random") for seed in (5, 6, 7)),
    }


def test_the_best_order_is_turned_around(curve):
    largest = curve.points.filter(pl.col("k") == 2)
    kept = dict(
        largest.filter(pl.col("method").is_in(["oracle", "reversed"]))
        .select("method", "fields")
        .rows()
    )

    assert sorted(kept["oracle"]) == sorted(ORACLE[:2])
    assert sorted(kept["reversed"]) == sorted(ORACLE[-2:])


def test_no_ranking_sees_a_test_row(run_curve):
    seen = []

    class Watching(FixedOrder):
        def rank(self, data, *, seed=0):
            seen.append(len(data.train) + len(data.gate) + len(data.stop))
            return super().rank(data, seed=seed)

    run_curve(methods={"watching": Watching(ORACLE)}, k=[2])

    # Once for the curve, once with planted fields; 250 of 1000 rows are for the test.
    assert seen == [750, 750]
