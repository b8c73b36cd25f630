"""Areas under curves: a loop, orders that are better or worse, many fields."""

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.faithfulness import measure_faithfulness
from fieldwise.explanation.integrated_gradients import integrated_gradients
from fieldwise.importance import Importance
from fieldwise.schema import CategoricalField, Label, Schema
from tests.explanation.planted import dataset_of, model_of, random_values

NUM_FIELDS = 11


@pytest.fixture(scope="module")
def explained():
    fields = [
        CategoricalField(f"f{place}", num_features=8, value_type="int")
        for place in range(NUM_FIELDS)
    ]
    schema = Schema(tuple(fields), (Label("click", "binary", positive=1),))
    values = random_values(schema, 30)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = BaselineModel(
        model_of(schema).double(), schema, draw_baselines(dataset, num_baselines=3)
    )
    rows = model.embed(dataset.batch(slice(None)))
    return model, rows, integrated_gradients(model, [rows]).values


def height(model, row, is_gone):
    masks = torch.from_numpy(np.asarray(is_gone))[None, None]
    return model.score_replaced(row, masks)[0, 0] - model.base


def test_many_fields_go_several_at_a_time(explained):
    model, rows, values = explained

    found = measure_faithfulness(model, rows.take(slice(0, 3)), values[:3])

    # 11 fields in 6 steps: 0, 2, 4, 6, 7, 9, 11 of them (halves to the even number).
    counts = np.array([0, 2, 4, 6, 7, 9, 11])
    areas = {True: [], False: []}
    for place in range(3):
        row = rows.take(slice(place, place + 1))
        side = 1.0 if model.score(row)[0] > model.base else -1.0
        order = np.argsort(-side * values[place], kind="stable")
        for is_insertion, listed in areas.items():
            heights = []
            for count in counts:
                gone = np.isin(np.arange(NUM_FIELDS), order[:count])
                gone = ~gone if is_insertion else gone
                heights.append(side * height(model, row, gone))
            middles = (np.array(heights[1:]) + heights[:-1]) / 2
            listed.append((middles * np.diff(counts)).sum() / NUM_FIELDS)
    assert found.insertion == pytest.approx(np.mean(areas[True]), abs=1e-12)
    assert found.deletion == pytest.approx(np.mean(areas[False]), abs=1e-12)


def test_the_order_of_an_explanation_beats_random_ones_and_the_reverse(explained):
    model, rows, values = explained

    found = measure_faithfulness(model, rows, values, num_random=20)
    turned = measure_faithfulness(model, rows, -values)

    assert found.area > found.random_area > turned.area
    assert abs(found.random_area) < 0.2 * found.area


def test_one_field_has_two_ends_and_nothing_between():
    field = CategoricalField("f", num_features=8, value_type="int")
    schema = Schema((field,), (Label("click", "binary", positive=1),))
    values = random_values(schema, 20)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = BaselineModel(model_of(schema), schema, draw_baselines(dataset))
    rows = model.embed(dataset.batch(slice(None)))

    found = measure_faithfulness(model, rows, np.ones((20, 1)))

    expected = np.abs(model.score(rows) - model.base).mean() / 2
    assert found.insertion == pytest.approx(expected)
    assert found.deletion == pytest.approx(expected)


def test_what_is_wrong_is_refused(explained):
    model, rows, values = explained

    with pytest.raises(DataError, match="rows must be at least one"):
        measure_faithfulness(model, rows.take(slice(0, 0)), values[:0])
    with pytest.raises(ValueError, match="num_random must be positive"):
        measure_faithfulness(model, rows, values, num_random=0)


def importance_of(names, scores, unit="field"):
    return Importance(
        unit=unit, names=names, scores=scores, meaning="by hand", method="by hand"
    )


def test_an_importance_is_one_order_for_all_rows(explained):
    model, rows, values = explained
    names, scores = model.schema.names, np.abs(values).mean(axis=0)
    side = np.where(model.score(rows) > model.base, 1.0, -1.0)
    turned = np.arange(len(names))[::-1]

    found = measure_faithfulness(
        model,
        rows,
        importance_of(tuple(names[place] for place in turned), scores[turned]),
    )

    assert found == measure_faithfulness(model, rows, side[:, None] * scores)
    for wrong in (
        importance_of(names[:2], scores[:2]),
        importance_of(names, scores, unit="value"),
    ):
        with pytest.raises(DataError, match="must be an importance of the fields"):
            measure_faithfulness(model, rows, wrong)
