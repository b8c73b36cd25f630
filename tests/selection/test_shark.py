"""Exact for a linear model and at any batch size; nothing where nothing varies."""

import numpy as np
import pytest
import torch

from fieldwise.data.loader import Loader
from fieldwise.models import build_model
from fieldwise.scoring import score_batches
from fieldwise.selection.shark import rank_by_shark
from tests.selection.planted import planted, ranking_data, strong_before_noise
from tests.selection.trained import planted_model


def linear(data):
    torch.manual_seed(0)
    model = build_model("lr", data.schema)
    with torch.no_grad():
        model.linear.weights.table.normal_()
    return model


def small_table(kind="binary"):
    random = np.random.default_rng(0)
    columns = {"site": random.integers(0, 4, 300), "same": np.zeros(300, dtype=int)}
    columns["hour"] = random.integers(0, 3, 300)
    return ranking_data(columns, random.integers(0, 2, 300), kind=kind)


def test_batch_one_and_batch_512_agree():
    data, model = planted_model()
    data = type(data)(data.train, data.gate.take(np.arange(600)), data.stop)

    one, many = (rank_by_shark(data, model=model, batch_size=b) for b in (1, 512))

    np.testing.assert_allclose(one.scores, many.scores, rtol=1e-5, atol=1e-8)


def test_a_linear_model_has_the_exact_slope():
    data = small_table()
    model = linear(data)

    found = rank_by_shark(data, model=model)

    logits = score_batches(model, Loader(data.gate, batch_size=999).epoch(0))
    errors = 1 / (1 + np.exp(-logits)) - data.gate.labels[:, 0]
    weights = model.linear.weights.table.detach().double().numpy()[:, 0]
    indices = data.gate.batch(slice(None)).indices.numpy()
    for place in range(3):
        own = weights[indices[:, place]]
        changes = errors * (own.mean() - own)
        assert found.scores[place] == pytest.approx(np.abs(changes).mean(), rel=1e-5)
        assert found.details["signed"][place] == pytest.approx(
            changes.mean(), rel=1e-4, abs=1e-8
        )


def test_signed_is_the_slope_of_the_mean_loss_towards_the_mean_embedding():
    data, model = planted_model()

    found = rank_by_shark(data, model=model)

    batch = data.gate.batch(slice(None))
    labels = batch.labels[:, 0].double()
    exact = build_model(
        "dcnv2",
        data.schema,
        embedding_dim=4,
        hidden_dims=(16,),
        num_cross_layers=1,
    )
    exact.load_state_dict(model.state_dict())
    exact = exact.double().eval()
    for place in (0, 7, 13):

        def loss(share, place=place):
            def move(_, __, embedded):
                column = embedded[:, place]
                moved = embedded.clone()
                moved[:, place] = column + share * (column.mean(0) - column)
                return moved

            handle = exact.embedding.register_forward_hook(move)
            with torch.no_grad():
                value = torch.nn.functional.binary_cross_entropy_with_logits(
                    exact(batch), labels
                )
            handle.remove()
            return value.item()

        slope = (loss(1e-4) - loss(-1e-4)) / 2e-4
        assert found.details["signed"][place] == pytest.approx(
            slope, rel=1e-3, abs=1e-7
        )


@pytest.mark.parametrize("kind", ["binary", "real"])
def test_a_constant_field_has_exactly_nothing(kind):
    data = small_table(kind)

    found = rank_by_shark(data, model=linear(data), batch_size=32)

    assert found.scores[1] == 0.0
    assert found.scores[[0, 2]].min() > 0.0


def test_strong_fields_come_first():
    data, model = planted_model()

    assert strong_before_noise(rank_by_shark(data, model=model)) > 0.95


def test_permuted_rows_of_the_table_change_nothing():
    data = planted(num_rows=300)
    model = linear(data)
    before = rank_by_shark(data, model=model)
    random = np.random.default_rng(1)
    new_rows = np.concatenate(
        [
            start + random.permutation(size)
            for start, size in zip(
                data.schema.table_offsets, data.schema.table_sizes, strict=True
            )
        ]
    )
    table = model.linear.weights.table
    with torch.no_grad():
        table[new_rows] = table.clone()
    rows = np.array(data.gate.rows)
    rows[:, :20] = new_rows[rows[:, :20]]
    gate = type(data.gate)(data.schema, rows)

    after = rank_by_shark(type(data)(data.train, gate, data.stop), model=model)

    np.testing.assert_allclose(after.scores, before.scores, rtol=1e-6)
