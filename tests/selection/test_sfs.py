"""Slopes equal finite differences, and the batch size matters only where signs do."""

import numpy as np
import pytest
import torch

from fieldwise.losses import binary_cross_entropy
from fieldwise.selection.sfs import rank_by_sfs
from tests.selection.planted import STRONG, planted, strong_before_noise
from tests.selection.trained import planted_model, small_model


def gated_loss(model, batch, place, gate):
    """The mean loss with the embedding of a field multiplied, in float64."""

    def multiply(_, __, embedded):
        gates = torch.ones(embedded.shape[1], dtype=embedded.dtype)
        gates[place] = gate
        return embedded * gates[:, None]

    handle = model.embedding.register_forward_hook(multiply)
    try:
        with torch.no_grad():
            return binary_cross_entropy(
                model(batch), batch.labels[:, 0].double()
            ).item()
    finally:
        handle.remove()


def test_slopes_are_finite_differences_of_a_gate():
    data = planted(num_rows=500)
    model = small_model(data)

    found = rank_by_sfs(data, model=model, batch_size=10_000, per_row=False)

    exact = model.double()
    batch = data.gate.batch(slice(None))
    for place in range(len(found)):
        up, down = (gated_loss(exact, batch, place, 1 + d) for d in (1e-4, -1e-4))
        expected = abs(up - down) / 2e-4
        assert found.details["slope"][place] == pytest.approx(
            expected, rel=1e-3, abs=1e-7
        )


def test_is_a_share_of_all_and_strong_fields_come_first():
    data, model = planted_model()

    found = rank_by_sfs(data, model=model)

    assert found.scores.sum() == pytest.approx(1.0)
    assert strong_before_noise(found) > 0.95


def test_the_sign_of_each_row_is_dropped_at_any_batch_size():
    data, model = planted_model()

    by_row = [rank_by_sfs(data, model=model, batch_size=size) for size in (100, 5000)]
    small, large = (
        rank_by_sfs(data, model=model, batch_size=size, per_row=False)
        for size in (100, 5000)
    )

    np.testing.assert_allclose(by_row[0].scores, by_row[1].scores, rtol=1e-4)
    assert set(by_row[0].ranked[:4]) == set(STRONG)
    # Signs cancel in large batches: slopes of small ones are longer.
    assert small.details["slope"].sum() > large.details["slope"].sum()
