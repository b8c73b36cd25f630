"""Counterfactuals flip and are minimal; attacks find the fields that matter."""

import sys
from itertools import chain, combinations

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation.adversarial import adversarial_fields
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.counterfactual import counterfactual, ranking_thresholds
from fieldwise.sensitivity import Embedded
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
)

USED = (2, 5)


def planted(name="lr", num_rows=60):
    """A model that listens to two of its six fields."""
    schema = planted_schema()
    values = random_values(schema, num_rows)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = model_of(schema, name, std=1.0).double()
    with torch.no_grad():
        for layer in (model.linear.weights, getattr(model, "embedding", None)):
            if layer is not None:
                for place in set(range(6)) - set(USED):
                    start = schema.table_offsets[place]
                    layer.table[start : start + schema.table_sizes[place]] = 0.0
    return BaselineModel(model, schema, draw_baselines(dataset)), model, dataset


@pytest.mark.parametrize("name", ["lr", "fm"])
def test_planted_fields_flip_and_no_subset_does(name):
    explained, model, dataset = planted(name)
    candidates = dataset.batch(slice(None))
    embedded = explained.embed(candidates)
    names = dataset.schema.names
    used, found_some = {names[place] for place in USED}, False

    for row in range(8):
        batch = dataset.batch(np.array([row]))
        found = counterfactual(explained, explained.embed(batch), embedded)
        if not found.is_found:
            continue
        found_some = True
        assert set(found.fields) <= used
        places = [names.index(name) for name in found.fields]
        # A fresh forward of whole rows.
        for chosen in chain.from_iterable(
            combinations(range(len(places)), size) for size in range(len(places) + 1)
        ):
            indices = batch.indices.clone()
            for each in chosen:
                source = candidates.indices[found.sources[each]]
                indices[0, places[each]] = source[places[each]]
            changed = type(batch)(indices, *list(vars(batch).values())[1:])
            flips = (model(changed).item() > 0) != (found.before > 0)
            assert flips == (len(chosen) == len(places))
        assert model(changed).item() == pytest.approx(found.after)
    assert found_some


def test_a_larger_margin_needs_at_least_as_many_fields():
    explained, _, dataset = planted("fm")
    row = explained.embed(dataset.batch(np.array([3])))
    candidates = explained.embed(dataset.batch(slice(None)))

    sizes = [
        len(counterfactual(explained, row, candidates, margin=margin).fields)
        for margin in (0.0, 0.5, 1.0)
    ]

    assert sizes == sorted(sizes)
    # What cannot be reached is not claimed.
    nothing = counterfactual(explained, row, candidates, margin=1e6)
    assert (nothing.is_found, nothing.after) == (False, nothing.before)


def test_values_that_are_not_tried_first_are_tried_before_giving_up(monkeypatch):
    explained, _, dataset = planted("fm")
    row = explained.embed(dataset.batch(np.array([3])))
    candidates = explained.embed(dataset.batch(slice(None)))
    whole = counterfactual(explained, row, candidates)
    # The row itself says nothing new, so what follows it counts as the first value.
    own = Embedded.join([row, row, candidates])

    repeated = counterfactual(explained, row, own)
    monkeypatch.setattr(sys.modules[counterfactual.__module__], "MAX_TRIED", 6)
    one_each = counterfactual(explained, row, own)
    helpless = Embedded.join([moved_against(explained, row, candidates), candidates])
    later = counterfactual(explained, row, helpless)

    assert (repeated.fields, repeated.after) == (whole.fields, whole.after)
    assert one_each.is_found
    assert later.is_found
    assert all(source > 0 for source in later.sources)


def moved_against(explained, row, candidates):
    """The candidate of which no value brings the decision nearer to its turn."""
    before = explained.score(row)[0]
    eye = torch.eye(6, dtype=torch.bool)
    for place in range(len(candidates)):
        one = candidates.take(slice(place, place + 1))
        same = torch.zeros(6, dtype=torch.int64)
        after = explained.score(
            explained.split.mix(row.take(same), one.take(same), eye)
        )
        if (np.sign(before) * (after - before) >= 0).all():
            return one
    raise AssertionError


def test_a_constant_model_has_none():
    explained, model, dataset = planted()
    with torch.no_grad():
        model.linear.weights.table.zero_()
    row = explained.embed(dataset.batch(np.array([0])))

    found = counterfactual(explained, row, explained.embed(dataset.batch(slice(9))))

    assert found.fields == ()


def test_thresholds_of_a_ranking_by_hand():
    # The first of group 1 leaves the top at 2, others enter it at 3; group 2 shows all.
    found = ranking_thresholds([3.0, 2.0, 1.0, 5.0], [1, 1, 1, 2], k=1)

    np.testing.assert_array_equal(found, [2.0, 3.0, 3.0, -np.inf])


def test_an_opponent_moves_the_fields_that_matter():
    _, _, dataset = planted()
    model = model_of(dataset.schema, "dnn")
    with torch.no_grad():
        columns = model.tower.deep.layers[0].weight.view(8, 6, 4)
        columns[:, [place for place in range(6) if place not in USED]] = 0.0
    explained = BaselineModel(model, dataset.schema, draw_baselines(dataset))

    found = adversarial_fields(explained, [dataset.batch(slice(None))])

    assert set(found.ranked[:2]) == {dataset.schema.names[place] for place in USED}
    np.testing.assert_array_equal(np.delete(found.scores, USED), 0.0)
    np.testing.assert_array_equal(np.delete(found.details["moved"], USED), 0.0)


def test_an_opponent_without_reach_moves_nothing():
    explained, _, dataset = planted()
    rows = [dataset.batch(slice(None))]

    near, far = (adversarial_fields(explained, rows, radius=r) for r in (0.0, 0.3))

    np.testing.assert_array_equal(near.scores, 0.0)
    assert far.details["moved"].max() > 0


def test_what_is_wrong_is_refused():
    explained, _, dataset = planted()
    rows = explained.embed(dataset.batch(slice(2)))

    with pytest.raises(ShapeError, match="row must be one row, got 2"):
        counterfactual(explained, rows, rows)
    with pytest.raises(ValueError, match="max_fields must be positive"):
        counterfactual(explained, rows.take(slice(1)), rows, max_fields=0)
    with pytest.raises(DataError, match="at least one row"):
        adversarial_fields(explained, [])
