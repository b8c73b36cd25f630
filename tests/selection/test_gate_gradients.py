"""Gradients of gates: by hand, by differences, projected."""

import numpy as np
import pytest
import torch

from fieldwise.data.loader import Loader
from fieldwise.errors import DataError
from fieldwise.models import build_model
from fieldwise.selection.gate_gradients import gate_gradients
from tests.selection.rows import categories


@pytest.fixture
def rows():
    random = np.random.default_rng(0)
    values = random.integers(0, 5, (300, 3))
    return categories(values, sizes=(5, 5, 5), labels=random.integers(0, 2, 300))


def model_of(rows, *, embedding_dim=4):
    torch.manual_seed(0)
    return build_model(
        "dnn", rows.schema, embedding_dim=embedding_dim, hidden_dims=(8,)
    )


def test_equal_differences_of_the_loss(rows):
    model = model_of(rows).double()

    found = gate_gradients(model, rows.take(np.array([3, 7])))

    batch = next(iter(Loader(rows.take(np.array([3, 7])), batch_size=8).epoch(0)))
    for place in range(12):
        ends = []
        for step in (1e-4, -1e-4):
            gate = torch.ones(12, dtype=torch.float64)
            gate[place] += step
            ends.append(losses_behind(gate.reshape(3, 4), model, batch))
        slope = (ends[0] - ends[1]) / 2e-4
        torch.testing.assert_close(found[:, place].double(), slope, atol=1e-6, rtol=0)


def losses_behind(gate, model, batch):
    hook = model.embedding.register_forward_hook(lambda *call: call[2] * gate)
    with torch.no_grad():
        logits = model.eval()(batch)
    hook.remove()
    labels = batch.labels[:, 0].double()
    return torch.nn.functional.binary_cross_entropy_with_logits(
        logits, labels, reduction="none"
    )


def test_a_projection_keeps_angles(rows):
    # Johnson and Lindenstrauss: 120 gates, 96 signs of each.
    model = model_of(rows, embedding_dim=40)

    plain, short = (gate_gradients(model, rows, dim=dim) for dim in (10**6, 96))

    assert (plain.shape[1], short.shape[1]) == (120, 96)
    angles = [torch.nn.functional.normalize(part) for part in (plain, short)]
    differences = angles[0] @ angles[0].T - angles[1] @ angles[1].T
    assert differences.abs().mean() < 0.1
    torch.testing.assert_close(short, gate_gradients(model, rows, dim=96))
    assert not torch.equal(short, gate_gradients(model, rows, dim=96, seed=1))


def test_rows_without_labels_are_refused(rows):
    plain = categories(np.zeros((2, 3), int), sizes=(5, 5, 5))

    with pytest.raises(DataError, match="labels"):
        gate_gradients(model_of(rows), plain)
