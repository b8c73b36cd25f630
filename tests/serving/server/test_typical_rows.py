"""Rows drawn from what a ranker remembers of its training rows."""

from collections import Counter

import numpy as np
import pytest

from fieldwise.data.encoder import Encoder
from fieldwise.schema import NumericField, Schema
from fieldwise.serving.server.columns import check_rows
from fieldwise.serving.server.typical_rows import typical_rows


def test_names_come_as_often_as_in_training(ranker, log):
    rows = typical_rows(ranker.encoder, 4000, seed=0)

    found = Counter(row["site"] for row in rows)
    for value, count in log["site"].value_counts().iter_rows():
        share = count / len(log)
        noise = 4 * np.sqrt(share * (1 - share) / 4000)
        assert found[value] / 4000 == pytest.approx(share, abs=noise)
    assert {len(row["tags"]) for row in rows} == {3}
    assert {row["user"] for row in rows} <= set(log["user"])


def test_numbers_are_spread_as_in_training(ranker, log):
    rows = typical_rows(ranker.encoder, 1000, seed=0)

    for name in ("price", "hour"):
        drawn = np.array([row[name] for row in rows])
        known = log[name].drop_nulls().to_numpy()
        assert known.min() - 1e-6 <= drawn.min()
        assert drawn.max() <= known.max() + 1e-6
        assert np.median(drawn) == pytest.approx(np.median(known), rel=0.4)


def test_they_are_rows_a_client_may_send(served):
    assert check_rows(served.rules, served.typical, max_rows=1000).num_rows == 512


def test_a_seed_repeats(ranker):
    assert typical_rows(ranker.encoder, 9, seed=1) == typical_rows(
        ranker.encoder, 9, seed=1
    )


def test_codes_of_log_square_are_turned_back():
    field = NumericField("x", "log_square", edges=(0.0, 2.0, 7.0), num_features=4)

    rows = typical_rows(Encoder(Schema((field,)), {}), 50, seed=0)

    # Code 7 is 3 + floor(ln(x) ** 2), so x is exp(2).
    assert {row["x"] for row in rows} == {0.0, 2.0, round(float(np.exp(2)), 6)}


def test_numbers_without_edges():
    field = NumericField("x", "standard", center=1.0, scale=0.5, low=0.0, high=9.0)

    numbers = [
        row["x"] for row in typical_rows(Encoder(Schema((field,)), {}), 500, seed=0)
    ]

    squashed = np.log1p(numbers)
    assert squashed.mean() == pytest.approx(1.0, abs=0.1)
    assert min(numbers) >= 0
    assert max(numbers) <= 9
