"""Fields with something in common rank before noise, without a label."""

from functools import cache

import numpy as np
import pytest

from fieldwise.errors import SchemaError
from fieldwise.metrics import auc
from fieldwise.selection.quick_selection import (
    rank_by_quick_selection,
    train_autoencoder,
)
from tests.selection.planted import planted, ranking_data

STRUCTURED = 20


def factors(seed, num_rows=600, num_columns=100):
    """Columns of which the first 20 are mixtures of 5 hidden ones."""
    random = np.random.default_rng(seed)
    columns = random.normal(size=(num_rows, num_columns))
    hidden = random.normal(size=(num_rows, 5)) @ random.normal(size=(5, STRUCTURED))
    columns[:, :STRUCTURED] = hidden + 0.3 * columns[:, :STRUCTURED]
    return (columns - columns.mean(0)) / columns.std(0)


@cache
def trained(seed):
    return train_autoencoder(
        factors(seed), num_hidden=100, num_epochs=20, random=np.random.default_rng(seed)
    )


def test_columns_with_something_in_common_come_first():
    labels = np.arange(100) < STRUCTURED
    areas, degrees = [], []
    for seed in range(3):
        encoder, _ = trained(seed)
        areas.append(auc(labels, encoder.strengths()))
        degrees.append(encoder.degrees())

    mean = np.mean(degrees, axis=0)
    assert np.mean(areas) > 0.9
    assert mean[:STRUCTURED].mean() > mean[STRUCTURED:].mean()


def test_restores_better_than_the_mean():
    columns = factors(0)
    encoder, decoder = trained(0)

    hidden = 1 / (1 + np.exp(-encoder.forward(columns)))
    restored = decoder.forward(hidden)

    error = ((restored - columns) ** 2).mean(0)
    assert error[:STRUCTURED].mean() < 0.7


def test_a_constant_column_is_at_the_bottom():
    columns = factors(0, num_columns=40)
    table = {f"column{place}": column for place, column in enumerate(columns.T)}
    table["same"] = np.full(len(columns), 4.0)

    found = rank_by_quick_selection(
        ranking_data(table, np.arange(600) % 2), num_hidden=50, num_epochs=10
    )

    assert found.ranked.index("same") > STRUCTURED
    assert found.scores[-1] < np.median(found.scores)


def test_labels_change_nothing():
    table = {f"column{place}": column for place, column in enumerate(factors(0, 200).T)}
    labels = np.arange(200) % 2

    found = [
        rank_by_quick_selection(
            ranking_data(table, told), num_hidden=20, num_epochs=2
        ).scores.tolist()
        for told in (labels, 1 - labels)
    ]

    assert found[0] == found[1]


def test_categories_alone_are_refused():
    with pytest.raises(SchemaError, match="must have numeric fields"):
        rank_by_quick_selection(planted(num_rows=50))


def test_an_epoch_is_needed():
    data = ranking_data({"a": np.arange(10.0)}, np.arange(10) % 2)

    with pytest.raises(ValueError, match="num_epochs must be positive, got 0"):
        rank_by_quick_selection(data, num_epochs=0)
