"""The door: rows in, reasons out, whatever their kind and number."""

import numpy as np
import polars as pl
import pytest

import fieldwise as fw
from fieldwise.errors import DataError, SchemaError
from fieldwise.explanation.background import drawn_rows, prepare_background
from fieldwise.explanation.counterfactual import ranking_thresholds
from fieldwise.explanation.explaining import explain
from fieldwise.explanation.explanation_folder import save_explanation
from fieldwise.explanation.faithfulness import measure_faithfulness
from fieldwise.importance import Importance


@pytest.fixture(scope="module")
def log():
    random = np.random.default_rng(0)
    site, hour, slot = random.integers(0, (8, 6, 5), (3000, 3)).T
    logit = 1.2 * (site % 3 - 1) + 1.0 * ((hour + slot) % 2) - 1
    return pl.DataFrame(
        {
            "site": [f"s{value}" for value in site],
            "hour": [f"h{value}" for value in hour],
            "slot": [f"p{value}" for value in slot],
            "price": random.gamma(2.0, 3.0, 3000),
            "tags": [[f"t{value % 4}", "t9"] for value in site],
            "click": (random.random(3000) < 1 / (1 + np.exp(-logit))).astype(int),
        }
    )


@pytest.fixture(scope="module")
def ranker(log):
    return fw.fit(
        log,
        label="click",
        model="deepfm",
        model_arguments={"embedding_dim": 4, "hidden_dims": (16,)},
        recipe={"num_epochs": 6, "learning_rate": 0.02, "batch_size": 256},
    )


@pytest.fixture(scope="module")
def background(ranker, log):
    return prepare_background(ranker, log)


@pytest.fixture(scope="module")
def found(ranker, log, background):
    return explain(ranker, log.head(300), background=background)


def test_contributions_and_base_add_up_to_what_the_ranker_says(found, ranker, log):
    scores = ranker.score(log.head(300))

    sums = found.contributions.values.sum(axis=1) + found.contributions.base

    np.testing.assert_allclose(sums, found.contributions.logits, atol=1e-10)
    np.testing.assert_allclose(sums, scores.logits, atol=1e-4)
    np.testing.assert_allclose(found.probabilities, scores.values, atol=1e-4)
    frame = found.to_frame()
    assert frame.columns == ["logit", "base", "path_error", *ranker.schema.names]
    added = frame.select(pl.sum_horizontal("base", *ranker.schema.names))
    np.testing.assert_allclose(added.to_series(), frame["logit"], atol=1e-10)


def test_what_matters_comes_first(found):
    ranked = found.importance().ranked

    # The sites say most, by themselves and as tags.
    assert set(ranked[:2]) == {"site", "tags"}
    assert len(found.pairs()) == 10
    assert len(found.pairs(3, num_fields=3)) == 3
    assert found.of_row(4).names == found.contributions.names


def test_the_order_of_an_explanation_is_better_than_chance(found):
    measured = found.faithfulness

    assert measured.area > measured.random_area + 0.2
    assert measured.num_rows == 100
    assert f"{measured.area:.4g}" in repr(found)


def test_faithfulness_by_a_loop(found):
    model, rows = found.background.model, found.rows.take(slice(0, 2))
    values = found.contributions.values[:2]

    measured = measure_faithfulness(model, rows, values, num_random=1)

    insertion, deletion = [], []
    for row in range(2):
        side = 1.0 if found.contributions.logits[row] > model.base else -1.0
        order = np.argsort(-side * values[row], kind="stable")
        for areas, is_insertion in ((insertion, True), (deletion, False)):
            heights = []
            for step in range(len(order) + 1):
                gone = np.isin(np.arange(len(order)), order[:step])
                mask = np.asarray(~gone if is_insertion else gone)
                heights.append(side * (scored(model, rows, row, mask) - model.base))
            areas.append(np.mean((np.array(heights[1:]) + heights[:-1]) / 2))
    assert measured.insertion == pytest.approx(np.mean(insertion), abs=1e-5)
    assert measured.deletion == pytest.approx(np.mean(deletion), abs=1e-5)


def scored(model, rows, row, mask):
    import torch

    masks = torch.from_numpy(mask)[None, None]
    return model.score_replaced(rows.take(slice(row, row + 1)), masks)[0, 0]


def test_one_row_is_told_with_its_values(ranker, log, background):
    row = log.row(7, named=True)

    found = fw.explain(ranker, row, background=background)

    text = repr(found)
    assert text.startswith("Why click has the logit ")
    assert all(str(row[name]) in text for name in ("site", "hour", "slot"))
    for part in ("base", "together: ", "it would turn: ", "faithful: "):
        assert part in text
    with pytest.raises(IndexError):
        found.row_text(1)


def test_a_counterfactual_holds_for_the_changed_row(ranker, log, found):
    probability = float(np.median(found.probabilities))

    for row in range(3):
        change = found.counterfactual(row, probability=probability)
        assert change.is_found
        raw = log.row(row, named=True)
        for name, source in zip(change.fields, change.sources, strict=True):
            raw[name] = found.background.values[source, name]
            if isinstance(raw[name], pl.Series):
                raw[name] = raw[name].to_list()
        before, after = (ranker.predict(r)[0] for r in (log.row(row, named=True), raw))
        assert (before > probability) != (after > probability)


def test_a_row_enters_the_top_of_its_group(found):
    logits = found.contributions.logits[:20]
    thresholds = ranking_thresholds(logits, np.zeros(20), k=5)
    row = int(np.argsort(-logits)[7])  # the eighth

    change = found.counterfactual(row, threshold=thresholds[row])

    assert change.before < thresholds[row] == np.sort(logits)[-5] < change.after
    with pytest.raises(ValueError, match="threshold must be None where probability"):
        found.counterfactual(row, threshold=0.0, probability=0.5)


def test_batches_and_seeds_change_nothing(ranker, log, background):
    whole = explain(ranker, log.head(40), background=background)

    one = explain(ranker, log.slice(20, 1), background=background)
    again = explain(ranker, log.head(40), background=log)

    np.testing.assert_allclose(
        one.contributions.values[0], whole.contributions.values[20], atol=1e-5
    )
    np.testing.assert_allclose(
        again.contributions.values, whole.contributions.values, atol=1e-5
    )


def test_a_dictionary_is_explained_as_its_frame(ranker, log, background):
    row = log.row(7, named=True)

    one = explain(ranker, row, background=background)
    whole = explain(ranker, log.slice(7, 1), background=background)
    odd = explain(ranker, row | {"price": None, "site": 12}, background=background)

    np.testing.assert_array_equal(one.contributions.values, whole.contributions.values)
    assert one.values.equals(whole.values)
    assert odd.values.row(0)[:1] == (12,)
    with pytest.raises(SchemaError, match="'site'"):
        explain(ranker, {"hour": "h1"}, background=background)


def test_rows_are_drawn_once_each(ranker, log):
    drawn = drawn_rows(ranker, log, num_rows=500, seed=0)

    assert len(drawn) == 500
    assert drawn.equals(drawn_rows(ranker, log, num_rows=500, seed=0))
    # Of a table that is read through the same rows.
    assert drawn.equals(drawn_rows(ranker, log.lazy(), num_rows=500, seed=0))
    assert len(drawn_rows(ranker, log.head(9), num_rows=500, seed=0)) == 9


def test_several_labels_want_a_name(log):
    table = log.with_columns(sale=pl.col("click"))
    ranker = fw.fit(
        table, label=["click", "sale"], model="lr", recipe={"num_epochs": 1}
    )

    found = explain(ranker, table.head(5), label="sale", background=table)

    logits = ranker.score(table.head(5)).logits[:, 1]
    np.testing.assert_allclose(found.contributions.logits, logits, atol=1e-5)
    assert "sale" in repr(found)
    with pytest.raises(SchemaError, match=r"label must be one of \['click', 'sale'\]"):
        explain(ranker, table.head(5))


def test_a_folder_holds_it(found, tmp_path):
    folder = tmp_path / "why"

    save_explanation(found, folder, pairs=found.pairs())

    assert Importance.load(folder / "fields") == found.importance()
    assert Importance.load(folder / "pairs").unit == "pair"
    assert pl.read_parquet(folder / "rows.parquet").height == 300
    page = (folder / "report.md").read_text("utf-8")
    assert "# What moves click" in page
    assert "| hour x slot |" in page
    with pytest.raises(DataError, match="folder must not exist"):
        save_explanation(found, folder)
    save_explanation(found, folder, overwrite=True)
    assert not (folder / "pairs").exists()


def test_what_is_wrong_is_refused(ranker, log, background):
    other = fw.fit(log.head(200), label="click", model="lr", recipe={"num_epochs": 1})

    with pytest.raises(DataError, match="background must be given"):
        explain(ranker, log.head(1))
    with pytest.raises(DataError, match="prepared for this ranker"):
        explain(other, log.head(2), background=background)
    with pytest.raises(SchemaError, match="'site'"):
        explain(ranker, log.drop("site"), background=background)
    with pytest.raises(DataError, match="at least one row"):
        explain(ranker, log.head(0))
    assert repr(explain(ranker, log.head(0), background=background)).endswith("0 rows")
