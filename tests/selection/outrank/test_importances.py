import logging

import numpy as np
import pytest

from fieldwise.selection.outrank.column import Column, renumber
from fieldwise.selection.outrank.importances import Importances, matched_noise
from fieldwise.selection.outrank.noise import LABEL_COPY, NOISE
from fieldwise.selection.outrank.plan import Plan
from fieldwise.selection.outrank.scorer import Block, Scorer

NAMES = ("left", "right", "wide", "copy")


def measured(**settings):
    """The label is left xor right, and sometimes what copy says."""
    random = np.random.default_rng(0)
    plan = Plan(**settings)
    blocks = []
    for _ in range(3):
        left, right = random.integers(0, 2, (2, 3000))
        label = left ^ right
        copy = np.where(random.random(3000) < 0.9, label, 1 - label)
        wide = random.integers(0, 2000, 3000)
        sizes = (2, 2, 2000, 2)
        columns = zip((left, right, wide, copy), sizes, strict=True)
        columns = tuple(renumber(codes, size) for codes, size in columns)
        blocks.append(Block(columns, Column(label, 2)))
    scores = Scorer(plan, 4).run(blocks)
    return scores, Importances(scores, plan, NAMES, "abc")


def test_noise_is_matched_by_the_number_of_values():
    scores, _ = measured()
    noise = dict(zip(NOISE, scores.noise["score"], strict=True))

    found = matched_noise(scores)

    assert found[0] == noise["noise of 2 values"]
    assert found[2] == noise["noise of 2,001 values"]


def test_fields_with_all_that_is_behind_a_score():
    _, found = measured(order=2)

    fields = found.fields({"coverage": np.ones(4)})

    assert fields.unit == "field"
    assert fields.ranked[0] == "copy"
    assert list(fields.details) == ["plain", "noise", "joint", "coverage"]
    assert (fields.data_fingerprint, fields.seed) == ("abc", 0)
    assert "information beyond chance, in nats, with the label" in fields.meaning


def test_controls_stand_apart():
    controls = measured()[1].controls()

    assert controls.names == (LABEL_COPY, *NOISE)
    assert controls.ranked[0] == LABEL_COPY


@pytest.mark.parametrize(("order", "unit"), [(2, "pair"), (3, "cross")])
def test_combinations_gain_what_their_fields_do_not_say(order, unit):
    combinations = measured(order=order)[1].combinations()

    best = combinations.ranked[0]
    assert combinations.unit == unit
    assert len(best) == order
    assert {"left", "right"} <= {*best}
    gain = dict(zip(combinations.names, combinations.details["gain"], strict=True))
    assert max(gain, key=gain.get)[:2] == ("left", "right")


def test_an_order_has_places_for_scores():
    order = measured(redundancy=True)[1].order()

    assert sorted(order.scores.tolist()) == [1, 2, 3, 4]
    assert order.ranked[0] == "copy"
    assert "an order, no measure" in order.meaning
    assert order.details["relevance"].max() > 0.3


def test_what_was_not_asked_for_is_none():
    _, found = measured()

    assert found.order() is None
    assert found.between() is None
    assert found.combinations() is None
    assert found.forms([]) is None


def test_pairs_without_a_turn_are_told(caplog):
    _, found = measured(order=2, max_combinations=1)

    with caplog.at_level(logging.WARNING, "fieldwise"):
        combinations = found.combinations()

    assert len(combinations) == 3
    assert "3 of 6 combinations were not scored" in caplog.text
