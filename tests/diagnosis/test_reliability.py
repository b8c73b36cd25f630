"""Bins of probabilities, and what they scatter by chance."""

import math

import numpy as np
import pytest

from fieldwise.diagnosis.reliability import NUM_BINS, chance_error, reliability_of


def test_bins_by_hand():
    labels = np.array([0.0, 1.0, 1.0, np.nan])
    after = np.array([0.2, 0.2, 0.8, 0.5])
    before = np.array([0.1, 0.1, 0.9, 0.5])

    found = reliability_of(labels, after, before=before)

    # Equal probabilities share a bin; the row without a label is in none.
    assert found["after"] == {
        "mean_probability": pytest.approx([0.2, 0.8]),
        "mean_label": [0.5, 1.0],
        "weight": [2.0, 1.0],
    }
    assert found["before"]["mean_probability"] == pytest.approx([0.1, 0.9])


def test_chance_error_by_hand():
    bins = {
        "mean_probability": [0.5, 0.1],
        "mean_label": [0.0, 0.0],
        "weight": [4.0, 12.0],
    }

    found = chance_error(bins, num_rows=16)

    # 1/4 sqrt(0.25 / 4) + 3/4 sqrt(0.09 / 12), times sqrt(2 / pi)
    by_hand = 0.25 * 0.25 + 0.75 * math.sqrt(0.0075)
    assert found == pytest.approx(by_hand * math.sqrt(2 / math.pi))


def test_right_probabilities_scatter_as_foretold():
    generator = np.random.default_rng(0)
    errors, told = [], []
    for _ in range(200):
        said = generator.random(3000)
        happened = (generator.random(3000) < said).astype(float)
        found = reliability_of(happened, said)
        bins = found["after"]
        gaps = np.abs(np.array(bins["mean_probability"]) - np.array(bins["mean_label"]))
        errors.append(np.average(gaps, weights=bins["weight"]))
        told.append(found["chance_error"])

    assert np.mean(errors) == pytest.approx(np.mean(told), rel=0.05)


def test_weights_of_zero_do_not_count():
    labels, said = np.array([0.0, 1.0]), np.array([0.25, 0.75])

    found = reliability_of(labels, said, weights=np.array([2.0, 0.0]))

    assert found["after"]["weight"] == [2.0]


def test_no_rows_and_many_rows():
    assert reliability_of(np.array([np.nan]), np.array([0.5])) == {}
    many = reliability_of(np.arange(1000) % 2.0, np.linspace(0, 1, 1000))
    assert len(many["after"]["weight"]) == NUM_BINS
