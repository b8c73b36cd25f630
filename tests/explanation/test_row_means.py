"""Means over batches are means over rows."""

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.row_means import row_means
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
)


def test_batches_of_any_size_have_one_mean():
    schema = planted_schema()
    values = random_values(schema, 10)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = BaselineModel(
        model_of(schema).double(), schema, draw_baselines(dataset, num_baselines=2)
    )
    logits = model.score(model.embed(dataset.batch(slice(None))))
    batches = [dataset.batch(slice(*ends)) for ends in ((0, 3), (3, 3), (3, 10))]

    def sums_of(rows):
        scores = model.score(rows)
        return scores.sum(keepdims=True), np.abs(scores).sum(keepdims=True)

    mean, size = row_means(model, batches, sums_of)

    np.testing.assert_allclose(mean, [logits.mean()])
    np.testing.assert_allclose(size, [np.abs(logits).mean()])
    with pytest.raises(DataError, match="at least one row, got none"):
        row_means(model, batches[1:2], sums_of)
