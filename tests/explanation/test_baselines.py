"""Rows to compare with: drawn once, the same for a seed; masks replace exactly."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError
from fieldwise.explanation import baselines as module
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
)


@pytest.fixture
def dataset():
    schema = planted_schema()
    values = random_values(schema, 80)
    return dataset_of(schema, values, values[:, 0] > 3)


def test_a_seed_repeats_and_rows_differ(dataset):
    one, again, other = (draw_baselines(dataset, seed=seed) for seed in (0, 0, 1))

    assert torch.equal(one.indices, again.indices)
    assert not torch.equal(one.indices, other.indices)
    assert len(one) == 64
    assert len(draw_baselines(dataset, num_baselines=100)) == 80


def test_masks_of_all_rows_and_of_each_row_by_a_loop(dataset, monkeypatch):
    model = model_of(dataset.schema).double()
    others = draw_baselines(dataset, num_baselines=2)
    explained = BaselineModel(model, dataset.schema, others)
    batch = dataset.batch(np.arange(5))
    rows = explained.embed(batch)
    masks = torch.rand(5, 4, 6, generator=torch.Generator().manual_seed(0)) < 0.5
    expected = np.zeros((5, 4))
    for row, mask, other in np.ndindex(5, 4, 2):
        indices = torch.where(
            masks[row, mask], others.indices[other], batch.indices[row]
        )
        changed = replace(dataset.batch(np.array([row])), indices=indices[None])
        expected[row, mask] += model(changed).item() / 2

    whole = explained.score_replaced(rows, masks)
    monkeypatch.setattr(module, "MAX_POINTS", 3)  # in many small blocks
    small = explained.score_replaced(rows, masks)
    common = explained.score_replaced(rows, masks[:1])

    np.testing.assert_allclose(whole, expected, atol=1e-12)
    np.testing.assert_allclose(small, expected, atol=1e-12)
    np.testing.assert_allclose(common[0], expected[0], atol=1e-12)


def test_where_explanations_start(dataset):
    model = model_of(dataset.schema)
    others = draw_baselines(dataset)

    explained = BaselineModel(model, dataset.schema, others)

    assert explained.base == pytest.approx(model(others).mean().item(), rel=1e-5)
    assert explained.score(explained.embed(dataset.batch(slice(0, 0)))).shape == (0,)


def test_fewer_rows_to_compare_with(dataset):
    model = model_of(dataset.schema)
    explained = BaselineModel(model, dataset.schema, draw_baselines(dataset))
    rows = explained.embed(dataset.batch(np.arange(2)))
    masks = torch.ones(1, 1, 6, dtype=torch.bool)

    few = explained.first(3)

    scores = explained.baseline_logits[:3]
    np.testing.assert_array_equal(few.baseline_logits, scores)
    assert few.base == scores.mean()
    np.testing.assert_allclose(few.score_replaced(rows, masks), few.base, rtol=1e-5)
    assert len(explained.baselines) == len(explained.first(100).baselines) == 64


def test_nothing_to_compare_with(dataset):
    with pytest.raises(DataError, match="at least one row to compare with"):
        draw_baselines(dataset.take(np.arange(0)))
    with pytest.raises(DataError, match="baselines must hold at least one row"):
        BaselineModel(
            model_of(dataset.schema), dataset.schema, dataset.batch(slice(0, 0))
        )
    with pytest.raises(ValueError, match="num_baselines must be positive"):
        draw_baselines(dataset, num_baselines=0)
