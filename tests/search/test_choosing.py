"""Fields chosen by name are those of a selection made by hand, to the last bit."""

import numpy as np
import pytest

from fieldwise.errors import ConfigError, DataError
from fieldwise.fitting import fit
from fieldwise.importance import Importance, RowNames, Selection
from fieldwise.ranker import Ranker, field_importance_of, field_selection_of
from fieldwise.search import choose_fields, choose_rows
from fieldwise.selection.rankers import RANKERS
from tests.search.conftest import INFORMATIVE, ORACLE, QUICK
from tests.search.fixed_order import FixedOrder

ARGUMENTS = {"label": "click", "model": "lr", "split": "part", "recipe": QUICK}


@pytest.fixture(scope="module")
def chosen(log):
    choose = choose_fields({"fixed": FixedOrder(ORACLE)}, 4, seed=2)
    return fit(log, selection=choose, progress=False, **ARGUMENTS)


def test_the_same_as_a_selection_of_these_fields(log, chosen):
    names = [name for name in log.columns if name in ORACLE]
    kept = [name for name in names if name in INFORMATIVE[:4]]
    by_hand = Selection("field", tuple(kept), tuple(names))

    ranker = fit(log, selection=by_hand, progress=False, **ARGUMENTS)

    assert chosen.schema == ranker.schema
    np.testing.assert_array_equal(chosen.predict(log), ranker.predict(log))
    assert chosen.metrics == ranker.metrics
    assert field_selection_of(ranker) == field_selection_of(chosen) == by_hand
    assert field_importance_of(ranker) is None


def test_columns_that_are_not_used_need_not_be_there(log, chosen):
    short = log.select(INFORMATIVE[:4])

    np.testing.assert_array_equal(chosen.predict(short), chosen.predict(log))
    row = short.row(0, named=True)
    assert chosen.predict(row) == pytest.approx(chosen.predict(short)[:1])


def test_the_ranker_tells_what_was_chosen(chosen, tmp_path):
    chosen.save(tmp_path / "ranker")
    loaded = Ranker.load(tmp_path / "ranker")

    importance = field_importance_of(loaded)
    assert importance.ranked[:4] == INFORMATIVE[:4]
    assert importance.seed == 2
    assert field_selection_of(loaded) == importance.top(4)
    assert set(loaded.info["unknown_shares"]["valid"]) == set(INFORMATIVE[:4])


def test_more_fields_than_there_are(log):
    choose = choose_fields({"fixed": FixedOrder(ORACLE)}, 21)

    with pytest.raises(ConfigError, match=r"num_fields must be at most 20, .* got 21"):
        fit(log, selection=choose, progress=False, **ARGUMENTS)


def test_impossible_choices(monkeypatch):
    with pytest.raises(ConfigError, match=r"methods must be among .*lasso, "):
        choose_fields("shrak", 3)
    with pytest.raises(ConfigError, match="method must be one, got lasso, shark"):
        choose_fields("lasso,shark", 3)
    with pytest.raises(ValueError, match="num_fields must be positive"):
        choose_fields("lasso", 0)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match="in one process, got several"):
        choose_fields("lasso", 3)


@pytest.mark.parametrize("name", ["lasso", "random_forest"])
def test_a_method_of_the_table(log, name):
    ranker = fit(log, selection=choose_fields(name, 6), progress=False, **ARGUMENTS)

    assert RANKERS[name]
    assert field_importance_of(ranker).method == name
    # The two strongest fields are easy to see; the weakest of six need more rows.
    assert set(INFORMATIVE[:2]) <= set(ranker.schema.names)
    assert ranker.metrics["test"]["auc"] > 0.7


def test_rows_are_those_of_a_selection_made_by_hand(log):
    seen = {}

    def rank(parts):
        seen.update(parts)
        numbers = RowNames.first(len(parts["train"]))
        scores = np.random.default_rng(0).random(len(numbers))
        return Importance("row", numbers, scores, "chance", "draw", seed=3)

    few = fit(log, selection=choose_rows(rank, 0.5), progress=False, **ARGUMENTS)
    by_hand = rank(seen).top(round(0.5 * len(seen["train"])))
    same = fit(log, selection=by_hand, progress=False, **ARGUMENTS)
    whole = fit(log, progress=False, **ARGUMENTS)

    assert set(seen) == {"train", "valid"}
    assert few.metrics == same.metrics
    assert few.metrics["valid"] != whole.metrics["valid"]
    kept = {"kept": len(by_hand), "rows": len(seen["train"])}
    assert same.info["row_selection"] == kept
    assert few.info["row_selection"] == kept | {"method": "draw", "seed": 3}
    assert few.schema == whole.schema


def test_a_selection_of_other_rows(log):
    other = Selection("row", RowNames([0]), RowNames.first(7))

    with pytest.raises(DataError, match=r"selection must be of .* got one of 7"):
        fit(log, selection=other, progress=False, **ARGUMENTS)


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_a_share_of_rows(share):
    with pytest.raises(ValueError, match=r"share must be in \(0, 1\], got"):
        choose_rows(lambda parts: parts, share)
