"""Measures of the rows of each value."""

import numpy as np
import pytest

from fieldwise.diagnosis import segments
from fieldwise.diagnosis.segments import measure_segments, segmented_fields


def test_lines_add_up(observed):
    ranker, parts = observed
    dataset = parts["test"]
    said = np.full(len(dataset), 0.25)

    lines = measure_segments(ranker.encoder, dataset, "site", said)

    assert {line["value"] for line in lines} == {"(null)", "s1", "s2", "s3", "s4"}
    counts = [line["num_rows"] for line in lines]
    assert sum(counts) == len(dataset) == 300
    assert counts == sorted(counts, reverse=True)
    # The mean over the values is the mean over the rows.
    rates = [line["positive_rate"] for line in lines]
    assert np.average(rates, weights=counts) == pytest.approx(dataset.labels.mean())
    for line in lines:
        assert line["calibration_ratio"] == pytest.approx(0.25 / line["positive_rate"])
        assert line["auc"] == 0.5


def test_rare_values_share_a_line(observed, monkeypatch):
    monkeypatch.setattr(segments, "MAX_VALUES", 2)
    ranker, parts = observed
    said = np.full(len(parts["test"]), 0.25)

    lines = measure_segments(ranker.encoder, parts["test"], "site", said)

    assert [line["value"] for line in lines][2:] == ["(all others)"]
    assert lines[-1]["num_values"] == 3
    assert sum(line["num_rows"] for line in lines) == len(parts["test"])


def test_only_fields_of_names(observed):
    ranker, _ = observed

    found = segmented_fields(ranker.encoder, ["price", "noise", "tags", "site"], 2)

    assert found == ["noise", "site"]
